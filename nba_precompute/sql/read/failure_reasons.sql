{#- Recorded failures per table and reason. -#}
SELECT table_name, reason, COUNT(*) AS failures
FROM {{ relation(failures) }}
WHERE {{ run.dates_of('as_of_date') }}
GROUP BY table_name, reason
ORDER BY table_name, reason
