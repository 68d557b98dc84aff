{#- A raw table as the import leaves it. -#}
{%- set names = table.column_names | join(', ') -%}
(
  SELECT {{ names }} FROM {{ relation(table) }} WHERE NOT ({{ replaced }})
  UNION ALL
  SELECT {{ names }} FROM {{ changed }}
)
