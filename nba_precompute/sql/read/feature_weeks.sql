{#- Per week (by its Monday) and feature of the store: rows, rows with a value (the others have a default), and the 10th, 50th
    and 90th percentile of the values. -#}
WITH named AS (
  {%- for feature in registry.FEATURES %}
  SELECT {{ table.date_column }} AS as_of, '{{ feature.name }}' AS feature, CAST({{ feature.name }} AS FLOAT64) AS value
  FROM {{ relation(table) }} WHERE {{ run.dates_of(table.date_column) }}
  {{- '\n  UNION ALL' if not loop.last }}
  {%- endfor %}
),
weekly AS (SELECT feature, CAST(DATE_TRUNC(as_of, ISOWEEK) AS DATE) AS week, value FROM named),
placed AS (
  SELECT feature, week, value, COUNT(value) OVER (PARTITION BY feature, week) AS known,
    ROW_NUMBER() OVER (PARTITION BY feature, week ORDER BY value NULLS LAST) AS place
  FROM weekly
)
SELECT feature, week, COUNT(*) AS published_rows, COUNT(value) AS known
  {%- for name, share in (('low', 0.1), ('median', 0.5), ('high', 0.9)) %},
  MAX(IF(place = CAST(CEIL({{ share }} * known) AS INT64), value, NULL)) AS {{ name }}
  {%- endfor %}
FROM placed
GROUP BY feature, week
ORDER BY feature, week
