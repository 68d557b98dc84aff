{#- Rows of a table as stored, for some entities. -#}
SELECT {{ columns | map(attribute='name') | join(', ') }}
FROM {{ relation(table) }}{{ ' FOR SYSTEM_TIME AS OF ' ~ moment if moment }}
WHERE {{ run.dates_of(table.date_column) }} AND {{ table.entity_column }} IN ({{ entities | map('literal') | join(', ') }})
