{#- What is staged: the asked rows with every FLOAT64 rounded once, every INT64 cast, and the hash (contract, sections 1
    and 3). `copy_number` numbers the rows of one key, larger hash first, so that number 1 is the one to publish; only
    repeated keys are ranked. -#}
{%- import 'macros/arithmetic.sql' as a with context -%}
{%- macro matches() %}{% for column in table.key %}k.{{ column }} = h.{{ column }} AND {% endfor %}k.is_failure = (h.failure_reason IS NOT NULL){% endmacro -%}
WITH asked AS (
{{ select }}
),
projected AS (
  SELECT
    {%- for column in table.columns %}
    {% if column.type == 'FLOAT64' %}{{ a.rounded(column.name) }} AS {% elif column.type == 'INT64' %}CAST({{ column.name }} AS INT64) AS {% endif %}{{ column.name }},
    {%- endfor %}
    failure_reason, failure_detail
  FROM asked
),
hashed AS (
  SELECT *, {{ a.hash_of(table.hashed_columns) }} AS data_hash FROM projected
),
repeated AS (
  SELECT {{ table.key | join(', ') }}, failure_reason IS NOT NULL AS is_failure
  FROM hashed
  GROUP BY {{ table.key | join(', ') }}, is_failure
  HAVING COUNT(*) > 1
)
SELECT h.*, 1 AS copy_number
FROM hashed AS h LEFT JOIN repeated AS k ON {{ matches() }}
WHERE k.is_failure IS NULL
UNION ALL
SELECT h.*, ROW_NUMBER() OVER (PARTITION BY {% for column in table.key %}h.{{ column }}, {% endfor %}k.is_failure ORDER BY h.data_hash DESC, h.failure_reason)
FROM hashed AS h JOIN repeated AS k ON {{ matches() }}
