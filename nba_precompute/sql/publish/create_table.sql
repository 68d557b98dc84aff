{#- A table of BigQuery: partitioned by its date, clustered by its entity, described, never expiring. -#}
CREATE TABLE {{ path }} (
  {%- for column in columns %}
  `{{ column.name }}` {{ column.type }}{{ ' NOT NULL' if not column.nullable and not column.type.startswith('ARRAY') }} OPTIONS (description = {{ text(column.description) }}){{ ',' if not loop.last }}
  {%- endfor %}
)
PARTITION BY `{{ partitioned_by }}`
CLUSTER BY {{ clustered_by | join(', ') }}
OPTIONS (description = {{ text(description) }}, labels = [('managed_by', 'nba_precompute')])
