{#- The published content of a table, per date.
    needs: `run`, `relation`, `failures`. -#}

{#- A CTE of row counts and hashes per date. A failure is hashed with its text, so that a changed reason changes the hash. -#}
{%- macro of(table, name) %}
{%- set has_readiness = 'is_production_ready' in table.columns | map(attribute='name') %}
{{ name }} AS (
  SELECT as_of, COUNT(data_hash) AS published_rows, COUNT(IF(is_ready, 1, NULL)) AS ready_rows, COUNT(reason) AS failures,
    COALESCE(TO_HEX(MD5(STRING_AGG(data_hash, '' ORDER BY entity_id))), '') AS content_hash,
    COALESCE(TO_HEX(MD5(STRING_AGG(CONCAT(entity_id, '|', reason, '|', detail), ',' ORDER BY entity_id))), '') AS failures_hash
  FROM (
    SELECT {{ table.date_column }} AS as_of, {{ table.entity_column }} AS entity_id, data_hash,
      {{ 'is_production_ready' if has_readiness else 'TRUE' }} AS is_ready,
      CAST(NULL AS STRING) AS reason, CAST(NULL AS STRING) AS detail
    FROM {{ relation(table) }}
    WHERE {{ run.dates_of(table.date_column) }}
    UNION ALL
    SELECT as_of_date, entity_id, NULL, FALSE, reason, detail
    FROM {{ relation(failures) }}
    WHERE table_name = '{{ table.name }}' AND {{ run.dates_of('as_of_date') }}
  ) AS outcomes
  GROUP BY as_of
)
{%- endmacro -%}
