{#- Selected columns of some rows of a table, in key order: the input of a downstream asset, or the waivers. -#}
SELECT {{ columns | join(', ') }} FROM {{ relation(table) }} WHERE {{ where }} ORDER BY {{ table.key | join(', ') }}
