{#- Raw tables as an import leaves them: what it replaces as a whole is a unit, such as a game.
    needs: no CTE and no variable of the run. -#}

{#- The unit of a row, as text. -#}
{%- macro unit_of(columns) -%}
CONCAT({% for column in columns %}COALESCE(CAST({{ column }} AS STRING), ''){{ ", '|', " if not loop.last }}{% endfor %})
{%- endmacro -%}

{#- The units whose rows an import replaces. -#}
{%- macro changed_units(units) -%} (SELECT unit FROM {{ units }} WHERE state = 'changed') {%- endmacro -%}
