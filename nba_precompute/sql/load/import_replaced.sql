{#- The condition of the rows of a raw table that an import replaces. -#}
{%- import 'macros/raw.sql' as raw with context -%}
{{ 'FALSE' if table.name in league.HISTORIES else raw.unit_of(unit_columns) ~ ' IN ' ~ raw.changed_units(units) }}
