{#- What an import does with each unit of a raw table that its files have: `same` as in the warehouse, `changed`, or `kept`,
    as the warehouse has it in a richer form. -#}
{%- import 'macros/raw.sql' as raw with context -%}
{%- set richer = league.RICHER_ROWS.get(table.name) -%}
{%- set newest = relation(table) -%}
{%- if table.name in league.HISTORIES -%}
{%- set newest -%}
(
    SELECT * FROM {{ relation(table) }}
    WHERE TRUE
    QUALIFY processed_at = MAX(processed_at) OVER (PARTITION BY {{ unit_columns | join(', ') }})
  )
{%- endset -%}
{%- endif -%}
{%- macro units(rows) %}
  SELECT unit, COUNT(*) AS row_count, SUM({{ fingerprint }}) AS content
    {{- ', LOGICAL_OR(%s) AS is_rich' % richer if richer }}
  FROM (SELECT *, {{ raw.unit_of(unit_columns) }} AS unit FROM {{ rows }} AS source_row) AS unit_rows
  GROUP BY unit
{%- endmacro -%}
WITH given_units AS ({{ units(given) }}
),
held_units AS ({{ units(newest) }}
)
SELECT given.unit,
  CASE
    WHEN held.unit IS NULL THEN 'changed'
    WHEN held.row_count = given.row_count AND held.content = given.content THEN 'same'
    {%- if richer %}
    WHEN held.is_rich AND NOT given.is_rich THEN 'kept'
    {%- endif %}
    ELSE 'changed'
  END AS state
FROM given_units AS given
LEFT JOIN held_units AS held ON held.unit = given.unit
