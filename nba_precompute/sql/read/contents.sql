{#- Hashes over some columns of a table's rows: one per date, or one per key. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- macro contents() -%}
SELECT {{ key | join(', ') }}, {{ math.hash_of(columns) }} AS content
FROM {{ relation(table) }}{{ ' FOR SYSTEM_TIME AS OF ' ~ moment if moment }}
WHERE {{ run.dates_of(table.date_column) }}
{%- endmacro -%}
{%- if by_date -%}
SELECT {{ table.date_column }} AS as_of, COUNT(*) AS row_count, TO_HEX(MD5(STRING_AGG(content, '' ORDER BY content))) AS content
FROM (
  {{ contents() }}
) AS contents
GROUP BY {{ table.date_column }}
{%- else -%}
{{ contents() }}
{%- endif %}
