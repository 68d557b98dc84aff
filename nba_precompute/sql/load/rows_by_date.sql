{#- The number of rows and their fingerprint by date, of a source or of what is staged for it. -#}
SELECT {{ source.date_column }} AS as_of, COUNT(*) AS row_count, SUM({{ fingerprint }}) AS content
FROM {{ rows }}
WHERE {{ where }}
GROUP BY {{ source.date_column }}
