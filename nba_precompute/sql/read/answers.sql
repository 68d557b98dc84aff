{#- Who must have an answer for the run's dates, and who has one: a row, or a recorded reason. -#}
{%- import 'macros/population.sql' as p with context -%}
WITH
{{- p.population_inputs(table) }}, {{- p[table.population]() }},
answers AS (
  SELECT as_of, entity_id, TRUE AS is_member, FALSE AS has_row, CAST(NULL AS STRING) AS reason, CAST(NULL AS STRING) AS detail FROM population
  UNION ALL
  SELECT {{ table.date_column }}, {{ table.entity_column }}, FALSE, TRUE, NULL, NULL
  FROM {{ relation(table) }} WHERE {{ run.dates_of(table.date_column) }}
  UNION ALL
  SELECT as_of_date, entity_id, FALSE, FALSE, reason, detail
  FROM {{ relation(failures) }} WHERE table_name = '{{ table.name }}' AND {{ run.dates_of('as_of_date') }}
)
SELECT entity_id, LOGICAL_OR(is_member) AS is_member, LOGICAL_OR(has_row) AS has_row, MAX(reason) AS reason, MAX(detail) AS detail
FROM answers
GROUP BY as_of, entity_id
