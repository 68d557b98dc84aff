{#- Every member of the population of the run's dates, with its outcome (a row or a recorded failure), and every outcome
    outside the population. -#}
{%- import 'macros/population.sql' as pop with context -%}
WITH
{{- pop.population_inputs(table) }}, {{- pop[table.population]() }},
outcomes AS (
  SELECT as_of, entity_id, TRUE AS is_member, FALSE AS has_row, CAST(NULL AS STRING) AS reason, CAST(NULL AS STRING) AS detail
  FROM population
  UNION ALL
  SELECT {{ table.date_column }}, {{ table.entity_column }}, FALSE, TRUE, NULL, NULL
  FROM {{ relation(table) }} WHERE {{ run.dates_of(table.date_column) }}
  UNION ALL
  SELECT as_of_date, entity_id, FALSE, FALSE, reason, detail
  FROM {{ relation(failures) }} WHERE table_name = '{{ table.name }}' AND {{ run.dates_of('as_of_date') }}
)
SELECT entity_id, LOGICAL_OR(is_member) AS is_member, LOGICAL_OR(has_row) AS has_row, MAX(reason) AS reason, MAX(detail) AS detail
FROM outcomes
GROUP BY as_of, entity_id
