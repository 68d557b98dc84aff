{#- Arithmetic that means the same in BigQuery and DuckDB (contract, section 1). No table is read here. -#}

{#- A FLOAT64 at 9 decimals: what thresholds compare and what sums add up. BigQuery's NUMERIC is NUMERIC(38, 9), and it
    refuses the parameters in a CAST. -#}
{%- macro exact(x) -%} CAST({{ x }} AS NUMERIC) {%- endmacro -%}

{#- 4 decimals, half away from zero. -#}
{%- macro rounded(x) -%} CAST(ROUND({{ exact(x) }}, 4) AS FLOAT64) {%- endmacro -%}

{#- Sum and mean over a window (`over`) or a group: NULLs skipped, NULL where all are, independent of the rows' order. -#}
{%- macro total(x, over='') -%} CAST(SUM({{ exact(x) }}){{ ' OVER ' ~ over if over }} AS FLOAT64) {%- endmacro -%}
{%- macro mean(x, over='') -%}
SAFE_DIVIDE({{ total(x, over) }}, COUNT({{ x }}){{ ' OVER ' ~ over if over }})
{%- endmacro -%}

{%- macro clamp(x, low, high) -%} GREATEST({{ low }}, LEAST({{ high }}, {{ x }})) {%- endmacro -%}

{#- Sample standard deviation of an INT64 over a window, from exact sums: sqrt((n * q - s * s) / (n * (n - 1))). -#}
{%- macro sample_deviation(x, over) -%}
SQRT(SAFE_DIVIDE(
      CAST(COUNT({{ x }}) OVER {{ over }} * SUM({{ x }} * {{ x }}) OVER {{ over }} - SUM({{ x }}) OVER {{ over }} * SUM({{ x }}) OVER {{ over }} AS FLOAT64),
      COUNT({{ x }}) OVER {{ over }} * (COUNT({{ x }}) OVER {{ over }} - 1)))
{%- endmacro -%}

{#- The labels whose condition holds, in order: ARRAY<STRING>, never NULL. -#}
{%- macro labels(conditions) -%}
ARRAY_CONCAT({% for label, condition in conditions %}IF({{ condition }}, ['{{ label }}'], []){{ ', ' if not loop.last }}{% endfor %})
{%- endmacro -%}

{#- NaN and infinity are NULL, and -0 is 0. -#}
{%- macro finite(x) -%} IF(IS_NAN({{ x }}) OR IS_INF({{ x }}), NULL, IF({{ x }} = 0, 0.0, {{ x }})) {%- endmacro -%}

{#- The text of a value in a hash; equal in BigQuery and DuckDB (contract, section 3, `data_hash`). -#}
{%- macro text_of(column, alias) -%}
COALESCE({% if column.type == 'FLOAT64' %}CAST(CAST(ROUND({{ alias }}{{ column.name }} * 10000) AS INT64) AS STRING)
{%- elif column.type == 'ARRAY<STRING>' %}ARRAY_TO_STRING({{ alias }}{{ column.name }}, ',')
{%- elif column.type == 'STRING' %}{{ alias }}{{ column.name }}
{%- else %}CAST({{ alias }}{{ column.name }} AS STRING){% endif %}, '~')
{%- endmacro -%}
{%- macro hash_of(columns, alias='') -%}
TO_HEX(MD5(CONCAT({% for column in columns %}{{ text_of(column, alias) }}{{ ", '|', " if not loop.last }}{% endfor %})))
{%- endmacro -%}

{#- The year in which the season of a date starts: July is the first month of a season. -#}
{%- macro season_of(date) -%} (EXTRACT(YEAR FROM {{ date }}) - IF(EXTRACT(MONTH FROM {{ date }}) < 7, 1, 0)) {%- endmacro -%}
