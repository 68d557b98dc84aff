{#- Arithmetic that means the same in BigQuery and DuckDB (contract, section 1); reads no table.
    needs: no CTE and no variable of the run. -#}

{#- A FLOAT64 at 9 decimals, for comparing with thresholds and for sums. BigQuery's NUMERIC is NUMERIC(38, 9), and a CAST
    there refuses the parameters. -#}
{%- macro exact(x) -%} CAST({{ x }} AS NUMERIC) {%- endmacro -%}

{#- 4 decimals, half away from zero. -#}
{%- macro rounded(x) -%} CAST(ROUND({{ exact(x) }}, 4) AS FLOAT64) {%- endmacro -%}

{#- Sum and mean over a window (`over`) or a group: NULLs skipped, NULL if all are NULL, independent of the order of rows. -#}
{%- macro total(x, over='') -%} CAST(SUM({{ exact(x) }}){{ ' OVER ' ~ over if over }} AS FLOAT64) {%- endmacro -%}
{%- macro mean(x, over='') -%}
SAFE_DIVIDE({{ total(x, over) }}, COUNT({{ x }}){{ ' OVER ' ~ over if over }})
{%- endmacro -%}

{#- `bounds` is a (low, high) pair, such as the declared range of a column. -#}
{%- macro clamp(x, bounds) -%} GREATEST({{ bounds[0] }}, LEAST({{ bounds[1] }}, {{ x }})) {%- endmacro -%}

{#- Sample standard deviation of an INT64 over a window, from exact sums: sqrt((n * q - s * s) / (n * (n - 1))). -#}
{%- macro sample_deviation(x, over) -%}
{%- set n = 'COUNT(%s) OVER %s' % (x, over) -%}
{%- set s = 'SUM(%s) OVER %s' % (x, over) -%}
{%- set q = 'SUM(%s * %s) OVER %s' % (x, x, over) -%}
SQRT(SAFE_DIVIDE(
      CAST({{ n }} * {{ q }} - {{ s }} * {{ s }} AS FLOAT64),
      {{ n }} * ({{ n }} - 1)))
{%- endmacro -%}

{#- The labels whose condition holds, in order: ARRAY<STRING>, never NULL. -#}
{%- macro labels(conditions) -%}
ARRAY_CONCAT(
  {%- for label, condition in conditions %}IF({{ condition }}, ['{{ label }}'], []){{ ', ' if not loop.last }}{% endfor -%}
)
{%- endmacro -%}

{#- The best tier that a value reaches: `tiers` are (name, lowest value), best first; a lowest value of 0 takes the rest. -#}
{%- macro tier_of(x, tiers) -%}
CASE{% for name, lowest in tiers %}{{ ' WHEN %s >= %s THEN' % (x, lowest) if lowest else ' ELSE' }} '{{ name }}'{% endfor %} END
{%- endmacro -%}

{#- NaN and infinity become NULL, and -0 becomes 0. -#}
{%- macro finite(x) -%} IF(IS_NAN({{ x }}) OR IS_INF({{ x }}), NULL, IF({{ x }} = 0, 0.0, {{ x }})) {%- endmacro -%}

{#- The text of a value in a hash; equal in BigQuery and DuckDB (contract, section 3, `data_hash`). -#}
{%- macro text_of(column, alias) -%}
{%- set value = alias ~ column.name -%}
COALESCE({% if column.type == 'FLOAT64' %}CAST(CAST(ROUND({{ value }} * 10000) AS INT64) AS STRING)
{%- elif column.type == 'ARRAY<STRING>' %}ARRAY_TO_STRING({{ value }}, ',')
{%- elif column.type == 'STRING' %}{{ value }}
{%- else %}CAST({{ value }} AS STRING){% endif %}, '~')
{%- endmacro -%}
{#- `alias` ends with a dot. -#}
{%- macro hash_of(columns, alias='') -%}
TO_HEX(MD5(CONCAT({% for column in columns %}{{ text_of(column, alias) }}{{ ", '|', " if not loop.last }}{% endfor %})))
{%- endmacro -%}

{#- The year in which the season of a date starts (`calendar.season_span`). -#}
{%- macro season_of(date) -%}
(EXTRACT(YEAR FROM {{ date }}) - IF(EXTRACT(MONTH FROM {{ date }}) < 7
{%- for season, last in late_seasons.items() %} OR {{ date }} BETWEEN DATE '{{ season + 1 }}-07-01' AND DATE '{{ last }}'{% endfor -%}
, 1, 0))
{%- endmacro -%}
