{#- A table in BigQuery: partitioned by its date (unless it has none), clustered, described, never expiring. -#}
CREATE TABLE {{ path }} (
  {%- for column in columns %}
  {%- set is_required = not column.nullable and not column.type.startswith('ARRAY') %}
  `{{ column.name }}` {{ column.type }}{{ ' NOT NULL' if is_required }}
    OPTIONS (description = {{ column.description | literal }}){{ ',' if not loop.last }}
  {%- endfor %}
)
{%- if partitioned_by %}
PARTITION BY `{{ partitioned_by }}`
{%- endif %}
CLUSTER BY {{ clustered_by | join(', ') }}
OPTIONS (description = {{ description | literal }}, labels = [('managed_by', 'nba_precompute')])
