{#- The rows to stage: those of the SELECT with every FLOAT64 rounded once, every INT64 cast, and the hash (contract,
    sections 1 and 3). `copy_number` numbers the rows of a key, larger hash first; number 1 is published. Only repeated keys
    are ranked. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- macro matches() %}
{%- for column in table.key %}repeated.{{ column }} = hashed.{{ column }} AND {% endfor -%}
repeated.is_failure = (hashed.failure_reason IS NOT NULL)
{%- endmacro -%}
{%- macro projected(column) -%}
{%- if column.type == 'FLOAT64' %}{{ math.rounded(column.name) }} AS {{ column.name }}
{%- elif column.type == 'INT64' %}CAST({{ column.name }} AS INT64) AS {{ column.name }}
{%- else %}{{ column.name }}
{%- endif %}
{%- endmacro -%}
WITH selected AS (
{{ select }}
),
projected AS (
  SELECT
    {%- for column in table.columns %}
    {{ projected(column) }},
    {%- endfor %}
    failure_reason, failure_detail
  FROM selected
),
hashed AS (
  SELECT *, {{ math.hash_of(table.hashed_columns) }} AS data_hash FROM projected
),
repeated AS (
  SELECT {{ table.key | join(', ') }}, failure_reason IS NOT NULL AS is_failure
  FROM hashed
  GROUP BY {{ table.key | join(', ') }}, is_failure
  HAVING COUNT(*) > 1
)
SELECT hashed.*, 1 AS copy_number
FROM hashed LEFT JOIN repeated ON {{ matches() }}
WHERE repeated.is_failure IS NULL
UNION ALL
SELECT hashed.*, ROW_NUMBER() OVER (
    PARTITION BY {% for column in table.key %}hashed.{{ column }}, {% endfor %}repeated.is_failure
    ORDER BY hashed.data_hash DESC, hashed.failure_reason)
FROM hashed JOIN repeated ON {{ matches() }}
