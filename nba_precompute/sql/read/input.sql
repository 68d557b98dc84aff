{#- What a consumer of a table is given: the wanted columns of the mapped partitions, in key order. -#}
SELECT {{ columns | join(', ') }} FROM {{ relation(table) }} WHERE {{ where }} ORDER BY {{ table.key | join(', ') }}
