{#- Publishes the staged rows of the run's dates: writes only rows that differ, and touches no other date. -#}
{%- set is_of_the_run = run.dates_of('published.' ~ table.date_column) -%}
MERGE INTO {{ relation(table) }} AS published
USING (
  SELECT * FROM {{ stage }}
  WHERE copy_number = 1 AND failure_reason IS NULL AND {{ run.dates_of(table.date_column) }}
) AS staged
ON {% for column in table.key %}published.{{ column }} = staged.{{ column }} AND {% endfor %}{{ is_of_the_run }}
WHEN MATCHED AND published.data_hash != staged.data_hash AND {{ is_of_the_run }} THEN UPDATE SET
  {%- for column in table.columns if column.name not in table.key %}
  {{ column.name }} = staged.{{ column.name }},
  {%- endfor %}
  data_hash = staged.data_hash, updated_at = {{ now }}
WHEN NOT MATCHED BY TARGET AND {{ run.dates_of('staged.' ~ table.date_column) }} THEN INSERT
  ({{ table.published_columns | map(attribute='name') | join(', ') }})
  VALUES ({% for column in table.columns %}staged.{{ column.name }}, {% endfor %}staged.data_hash, {{ now }}, {{ now }})
WHEN NOT MATCHED BY SOURCE AND {{ is_of_the_run }} THEN DELETE
