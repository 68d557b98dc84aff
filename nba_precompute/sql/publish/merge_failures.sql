{#- Replaces the table's failures of the run's dates; an unchanged failure keeps its created_at. -#}
{%- set is_of_the_run = "recorded.table_name = '%s' AND %s" % (table.name, run.dates_of('recorded.as_of_date')) -%}
MERGE INTO {{ relation(failures) }} AS recorded
USING (
  SELECT '{{ table.name }}' AS table_name, {{ table.date_column }} AS as_of_date, {{ table.entity_column }} AS entity_id,
    failure_reason AS reason, failure_detail AS detail
  FROM {{ stage }}
  WHERE copy_number = 1 AND failure_reason IS NOT NULL AND {{ run.dates_of(table.date_column) }}
) AS staged
ON recorded.table_name = staged.table_name AND recorded.as_of_date = staged.as_of_date
  AND recorded.entity_id = staged.entity_id AND {{ is_of_the_run }}
WHEN MATCHED AND (recorded.reason != staged.reason OR recorded.detail != staged.detail)
  AND {{ run.dates_of('recorded.as_of_date') }} THEN UPDATE SET
  reason = staged.reason, detail = staged.detail, created_at = {{ now }}
WHEN NOT MATCHED BY TARGET AND {{ run.dates_of('staged.as_of_date') }} THEN INSERT
  (table_name, as_of_date, entity_id, reason, detail, created_at)
  VALUES (staged.table_name, staged.as_of_date, staged.entity_id, staged.reason, staged.detail, {{ now }})
WHEN NOT MATCHED BY SOURCE AND {{ is_of_the_run }} THEN DELETE
