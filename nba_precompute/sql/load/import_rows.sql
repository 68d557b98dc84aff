{#- The rows of a raw table that an import writes. -#}
{%- import 'macros/raw.sql' as raw with context -%}
SELECT {{ table.column_names | join(', ') }}
FROM {{ given }}
WHERE {{ raw.unit_of(unit_columns) }} IN {{ raw.changed_units(units) }}
