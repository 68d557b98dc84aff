{#- The population of a date (contract, section 4), and why some of its members get no row (section 3). Each population
    macro makes the CTE population: (as_of, entity_id), one row per member.
    needs: `run`, `relation`, `sources`, and the CTE run_dates of sources.calendar(). -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/people.sql' as people with context -%}
{%- import 'macros/windows.sql' as win with context -%}

{#- needs: CTE team_schedule. -#}
{%- macro scheduled_teams() %}
population AS (
  SELECT run_date.as_of, team.team_abbr AS entity_id
  FROM run_dates AS run_date
  JOIN (SELECT DISTINCT season, team_abbr FROM team_schedule) AS team ON team.season = run_date.season
)
{%- endmacro -%}

{#- needs: the CTEs of sources.context(). -#}
{%- macro listed_players() %}
population AS (
  SELECT DISTINCT run_date.as_of, context.player_lookup AS entity_id
  FROM run_dates AS run_date
  JOIN upcoming_player_game_context AS context ON context.game_date = run_date.as_of
)
{%- endmacro -%}

{#- Everyone listed for a game of the date, and everyone else with a played game earlier in the season.
    needs: the CTEs of people.identities(). -#}
{%- macro known_players() %}
{{- people.newest_keys() }}, {{- people.unlisted_people() }},
{{- members('known_people', ('context_people', 'unlisted_people')) }},
population AS (SELECT as_of, entity_id FROM known_people)
{%- endmacro -%}

{#- The CTE `name`: the members of a population by key, with the history of the person whom the key means on the date; a key of
    several people has none.
    needs: CTE run_dates; of each relation, the columns as_of, player_lookup and history. -#}
{%- macro members(name, relations) %}
{{ name }} AS (
  SELECT as_of, player_lookup AS entity_id, IF(COUNT(*) = 1, MIN(history), NULL) AS history,
    COUNT(*) > 1 OR LOGICAL_OR(history IS NULL) AS is_ambiguous
  FROM (
    {%- for relation in relations %}
    SELECT person.as_of, person.player_lookup, person.history
    FROM run_dates AS run_date
    JOIN {{ relation }} AS person ON person.as_of = run_date.as_of
    {{- '\n    UNION ALL' if not loop.last }}
    {%- endfor %}
  ) AS people
  GROUP BY as_of, player_lookup
)
{%- endmacro -%}

{#- The CTEs that the population macro of a table needs. -#}
{%- macro population_inputs(table) %}
{{- src.calendar() }}
{%- if table.population == 'known_players' %}, {{- src.played() }}, {{- src.context() }}, {{- people.identities() }}
{%- elif table.population == 'listed_players' %}, {{- src.context() }}
{%- endif %}
{%- endmacro -%}

{#- The columns failure_reason and failure_detail, NULL for a member with a row; `reasons` are (reason, condition, detail) in
    order. -#}
{%- macro failure(reasons) -%}
CASE{% for reason, condition, detail in reasons %} WHEN {{ condition }} THEN '{{ reason }}'{% endfor %} END AS failure_reason,
    CASE{% for reason, condition, detail in reasons %} WHEN {{ condition }} THEN {{ detail }}{% endfor %} END AS failure_detail
{%- endmacro -%}
{%- set no_prior_games = "'no game of the season before the date'" -%}
{%- set ambiguous_player = "'several people share this player_lookup'" -%}

{#- Every CTE that the tables of listed players share; `columns`, `sizes` and `day_windows` as in windows.player_load(),
    `coverage` is a windows.coverage() of more windows. -#}
{%- macro listed_inputs(columns, sizes=(), day_windows=(7,), coverage='') %}
{{- src.calendar_and_facts() }}, {{- src.context() }}, {{- people.identities() }}, {{- coverage or win.coverage() }},
{{- members('listed_people', ('context_people',)) }}, {{- win.player_load(columns, sizes, day_windows) }}
{%- endmacro -%}
{#- A listed player with the context row, the slate, form and load, and the coverage of both teams, under the aliases member,
    context, slate, form, recent, coverage and opponent_coverage.
    needs: the CTEs of listed_inputs(). -#}
{%- macro from_listed() -%}
FROM listed_people AS member
  LEFT JOIN upcoming_player_game_context AS context
    ON context.game_date = member.as_of AND context.player_lookup = member.entity_id AND NOT member.is_ambiguous
  LEFT JOIN team_schedule AS slate ON slate.game_date = member.as_of AND slate.team_abbr = context.team_abbr
  LEFT JOIN player_form AS form ON form.as_of = member.as_of AND form.history = member.history
  LEFT JOIN player_recent AS recent ON recent.as_of = member.as_of AND recent.history = member.history
  LEFT JOIN coverage ON coverage.as_of = member.as_of AND coverage.team_abbr = context.team_abbr
  LEFT JOIN coverage AS opponent_coverage
    ON opponent_coverage.as_of = member.as_of AND opponent_coverage.team_abbr = context.opponent_team_abbr
{%- endmacro -%}
{#- The failures that the tables of listed players share, then `more`.
    needs: the aliases of from_listed(). -#}
{%- macro listed_failure(more=()) -%}
{{ failure([
      ('AMBIGUOUS_PLAYER', 'member.is_ambiguous', ambiguous_player),
      ('CONTEXT_INVALID', "COALESCE(context.team_abbr, '') = ''", "'the context names no team'"),
      ('CONTEXT_INVALID', "COALESCE(context.opponent_team_abbr, '') = ''", "'the context names no opponent'"),
      ('CONTEXT_INVALID', 'slate.team_abbr IS NULL', "CONCAT(context.team_abbr, ' has no game on the schedule of the date')")]
      + more | list) }}
{%- endmacro -%}

{#- Joins the row of another Phase 4 table for the same date, as stored.
    needs: the alias member. -#}
{%- macro upstream(table, alias, entity='member.entity_id') -%}
LEFT JOIN (SELECT * FROM {{ relation(table) }} WHERE {{ run.dates_of(table.date_column) }}) AS {{ alias }}
    ON {{ alias }}.{{ table.date_column }} = member.as_of AND {{ alias }}.{{ table.entity_column }} = {{ entity }}
{%- endmacro -%}
{%- macro ready(alias) -%} COALESCE({{ alias }}.is_production_ready, FALSE) {%- endmacro -%}
{%- macro context_ready() -%} context.is_production_ready IS NOT FALSE {%- endmacro -%}
