{#- Selected columns of the mapped partitions of a table, in key order: the input of a downstream asset. -#}
SELECT {{ columns | join(', ') }} FROM {{ relation(table) }} WHERE {{ where }} ORDER BY {{ table.key | join(', ') }}
