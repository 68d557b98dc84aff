{#- The staged rows of a run, compared with the population and with the published rows: one row per date. -#}
{%- import 'macros/population.sql' as pop with context -%}
WITH
{%- if table.population %}
{{- pop.population_inputs(table) }}, {{- pop[table.population]() }},
{%- endif %}
marks AS (
  SELECT {{ table.date_column }} AS as_of, {{ table.entity_column }} AS entity_id, failure_reason, copy_number,
    data_hash AS staged_hash, CAST(NULL AS STRING) AS published_hash, FALSE AS is_member,
    {% for column in table.columns if not column.nullable %}{{ column.name }} IS NULL{{ ' OR ' if not loop.last }}{% endfor %} AS has_null
  FROM {{ stage }}
  {%- if table.population %}
  UNION ALL
  SELECT as_of, entity_id, NULL, NULL, NULL, NULL, TRUE, FALSE FROM population
  {%- endif %}
  UNION ALL
  SELECT {{ table.date_column }}, {{ table.entity_column }}, NULL, NULL, NULL, data_hash, FALSE, FALSE
  FROM {{ relation(table) }}
  WHERE {{ run.dates_of(table.date_column) }}
),
entities AS (
  SELECT as_of, entity_id,
    LOGICAL_OR(is_member) AS is_member,
    COUNT(IF(copy_number = 1 AND failure_reason IS NULL, 1, NULL)) AS staged_rows,
    COUNT(IF(copy_number = 1 AND failure_reason IS NOT NULL, 1, NULL)) AS failures,
    COUNT(IF(copy_number > 1, 1, NULL)) AS duplicates_dropped,
    COALESCE(MIN(staged_hash) < MAX(staged_hash), FALSE) AS is_conflicting,
    COUNT(IF(copy_number = 1 AND failure_reason IS NULL AND has_null, 1, NULL)) AS rows_with_null,
    MAX(IF(copy_number = 1 AND failure_reason IS NULL, staged_hash, NULL)) AS staged_hash,
    COUNT(published_hash) AS published_rows, MAX(published_hash) AS published_hash
  FROM marks
  GROUP BY as_of, entity_id
)
SELECT as_of,
  COUNT(IF(is_member, 1, NULL)) AS population,
  SUM(staged_rows) AS staged_rows,
  SUM(failures) AS failures,
  SUM(duplicates_dropped) AS duplicates_dropped,
  COUNT(IF(is_conflicting, 1, NULL)) AS conflicting_keys,
  SUM(rows_with_null) AS rows_with_null,
  COUNT(IF(entity_id IS NULL AND staged_rows + failures > 0, 1, NULL)) AS null_keys,
  COUNT(IF(is_member AND staged_rows + failures = 0, 1, NULL)) AS unaccounted_members,
  COUNT(IF(NOT is_member AND staged_rows + failures > 0, 1, NULL)) AS outside_population,
  COUNT(IF(staged_rows > 0 AND failures > 0, 1, NULL)) AS row_and_failure,
  COUNT(IF(published_rows > 1, 1, NULL)) AS published_duplicates,
  COUNT(IF(staged_rows = 1 AND published_rows = 0, 1, NULL)) AS inserted,
  COUNT(IF(staged_rows = 1 AND published_rows > 0 AND staged_hash != published_hash, 1, NULL)) AS updated,
  COUNT(IF(staged_rows = 1 AND published_rows > 0 AND staged_hash = published_hash, 1, NULL)) AS unchanged,
  COUNT(IF(staged_rows = 0 AND published_rows > 0, 1, NULL)) AS deleted
FROM entities
GROUP BY as_of
