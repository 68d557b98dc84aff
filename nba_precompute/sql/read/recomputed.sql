{#- The rows that a run of the dates would publish now, for some entities. -#}
SELECT {{ table.columns | map(attribute='name') | join(', ') }}, failure_reason
FROM (
{{ staged }}
) AS staged
WHERE copy_number = 1 AND {{ table.entity_column }} IN ({{ entities | map('literal') | join(', ') }})
