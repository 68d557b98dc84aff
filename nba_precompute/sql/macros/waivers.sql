{#- needs: nothing yet. -#}
{%- macro waived() %}
waived AS (SELECT CAST(NULL AS DATE) AS game_date, CAST(NULL AS STRING) AS team_abbr)
{%- endmacro -%}
