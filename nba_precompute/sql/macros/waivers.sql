{#- The CTE waived: the sides of games of the run's seasons that an operator waived (contract, section 3). Only checks, plan and
    automation look at them: no SELECT of a table does.
    needs: `run`, `relation`, `waivers`. -#}
{%- macro waived() %}
waived AS (
  SELECT DISTINCT game_date, team_abbr FROM {{ relation(waivers) }} WHERE {{ run.seasons_of('game_date') }}
)
{%- endmacro -%}
