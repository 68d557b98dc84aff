{#- What an import does with each unit of a raw table that its files have: `same` as in the warehouse, `changed`, or `kept`,
    as the warehouse has minutes to the second and the files do not. -#}
{%- import 'macros/raw.sql' as raw with context -%}
{%- set has_minutes = 'has_seconds' in table.column_names -%}
{%- macro units(rows) %}
  SELECT unit, COUNT(*) AS row_count, SUM({{ fingerprint }}) AS content
    {{- ', LOGICAL_OR(COALESCE(has_seconds, FALSE)) AS is_exact' if has_minutes }}
  FROM (SELECT *, {{ raw.unit_of(unit_columns) }} AS unit FROM {{ rows }}) AS unit_rows
  GROUP BY unit
{%- endmacro -%}
WITH given_units AS ({{ units(given) }}
),
held_units AS ({{ units(relation(table)) }}
)
SELECT given.unit,
  CASE
    WHEN held.unit IS NULL THEN 'changed'
    WHEN held.row_count = given.row_count AND held.content = given.content THEN 'same'
    {%- if has_minutes %}
    WHEN held.is_exact AND NOT given.is_exact THEN 'kept'
    {%- endif %}
    ELSE 'changed'
  END AS state
FROM given_units AS given
LEFT JOIN held_units AS held ON held.unit = given.unit
