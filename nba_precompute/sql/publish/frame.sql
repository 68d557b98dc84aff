{#- A loaded DataFrame as a SELECT of the table: NaN and infinity become NULL; there are no failures. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
SELECT
  {%- for column in table.columns %}
  {% if column.type == 'FLOAT64' %}{{ math.finite(column.name) }} AS {% endif %}{{ column.name }},
  {%- endfor %}
  CAST(NULL AS STRING) AS failure_reason, CAST(NULL AS STRING) AS failure_detail
FROM {{ rows }}
