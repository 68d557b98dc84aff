{#- A loaded DataFrame as a SELECT of the table: NaN and infinity are NULL, and nobody fails. -#}
{%- import 'macros/arithmetic.sql' as a with context -%}
SELECT
  {%- for column in table.columns %}
  {% if column.type == 'FLOAT64' %}{{ a.finite(column.name) }} AS {% endif %}{{ column.name }},
  {%- endfor %}
  CAST(NULL AS STRING) AS failure_reason, CAST(NULL AS STRING) AS failure_detail
FROM {{ rows }}
