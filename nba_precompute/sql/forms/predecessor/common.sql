{#- What the forms of the predecessor's tables share.
    needs: `columns` (those that are deployed), `source`. -#}

{#- A bound on the partition column. Some of the tables refuse a query without one, and none has an older game; the query around
    the form adds the dates that it reads. -#}
{%- macro partitions() -%} game_date >= DATE '1946-11-01' {%- endmacro -%}

{#- A column that the table has had only since some date; NULL before. -#}
{%- macro since(column) -%}
{%- set declared = source.columns | selectattr('name', 'equalto', column) | first -%}
{%- if column in columns %}{{ column }}{% else %}CAST(NULL AS {{ declared.type }}) AS {{ column }}{% endif %}
{%- endmacro -%}
