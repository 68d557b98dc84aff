{#- Publishes the staged rows: writes only what differs, and touches no date but the run's. -#}
MERGE INTO {{ relation(table) }} AS t
USING (SELECT * FROM {{ stage }} WHERE copy_number = 1 AND failure_reason IS NULL AND {{ run.dates_of(table.date_column) }}) AS s
ON {% for column in table.key %}t.{{ column }} = s.{{ column }} AND {% endfor %}{{ run.dates_of('t.' ~ table.date_column) }}
WHEN MATCHED AND t.data_hash != s.data_hash AND {{ run.dates_of('t.' ~ table.date_column) }} THEN UPDATE SET
  {%- for column in table.columns if column.name not in table.key %}
  {{ column.name }} = s.{{ column.name }},
  {%- endfor %}
  data_hash = s.data_hash, updated_at = {{ now }}
WHEN NOT MATCHED BY TARGET AND {{ run.dates_of('s.' ~ table.date_column) }} THEN INSERT
  ({{ table.published_columns | map(attribute='name') | join(', ') }})
  VALUES ({% for column in table.columns %}s.{{ column.name }}, {% endfor %}s.data_hash, {{ now }}, {{ now }})
WHEN NOT MATCHED BY SOURCE AND {{ run.dates_of('t.' ~ table.date_column) }} THEN DELETE
