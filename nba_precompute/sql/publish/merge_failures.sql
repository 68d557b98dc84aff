{#- Replaces the table's failures of the run's dates; an unchanged failure keeps its created_at. -#}
MERGE INTO {{ relation(failures) }} AS t
USING (
  SELECT '{{ table.name }}' AS table_name, {{ table.date_column }} AS as_of_date, {{ table.entity_column }} AS entity_id,
    failure_reason AS reason, failure_detail AS detail
  FROM {{ stage }}
  WHERE copy_number = 1 AND failure_reason IS NOT NULL AND {{ run.dates_of(table.date_column) }}
) AS s
ON t.table_name = s.table_name AND t.as_of_date = s.as_of_date AND t.entity_id = s.entity_id
  AND t.table_name = '{{ table.name }}' AND {{ run.dates_of('t.as_of_date') }}
WHEN MATCHED AND (t.reason != s.reason OR t.detail != s.detail) AND {{ run.dates_of('t.as_of_date') }} THEN UPDATE SET
  reason = s.reason, detail = s.detail, created_at = {{ now }}
WHEN NOT MATCHED BY TARGET AND {{ run.dates_of('s.as_of_date') }} THEN INSERT (table_name, as_of_date, entity_id, reason, detail, created_at)
  VALUES (s.table_name, s.as_of_date, s.entity_id, s.reason, s.detail, {{ now }})
WHEN NOT MATCHED BY SOURCE AND t.table_name = '{{ table.name }}' AND {{ run.dates_of('t.as_of_date') }} THEN DELETE
