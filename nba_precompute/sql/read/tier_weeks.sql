{#- Rows of the store per week (by its Monday) and quality tier. -#}
SELECT CAST(DATE_TRUNC({{ table.date_column }}, ISOWEEK) AS DATE) AS week, quality_tier AS tier, COUNT(*) AS published_rows
FROM {{ relation(table) }}
WHERE {{ run.dates_of(table.date_column) }}
GROUP BY week, tier
ORDER BY week, tier
