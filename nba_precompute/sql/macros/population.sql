{#- Who must have an answer for a date (contract, section 4), and why some get no row (section 3).
    Each population macro makes the CTE population: (as_of, entity_id), one row per member. -#}
{%- import 'macros/arithmetic.sql' as a with context -%}
{%- import 'macros/sources.sql' as s with context -%}
{%- import 'macros/windows.sql' as w with context -%}

{%- macro scheduled_teams() %}
population AS (
  SELECT d.as_of, t.team_abbr AS entity_id
  FROM run_dates AS d
  JOIN (SELECT DISTINCT season, team_abbr FROM team_schedule) AS t ON t.season = d.season
)
{%- endmacro -%}

{%- macro listed_players() %}
population AS (
  SELECT DISTINCT d.as_of, k.player_lookup AS entity_id
  FROM run_dates AS d
  JOIN upcoming_player_game_context_rows AS k ON k.game_date = d.as_of
)
{%- endmacro -%}

{#- Listed for a game of the date, or played earlier in the season; the rows of an ambiguous key are games played too. -#}
{%- macro known_players() %}
debuts AS (
  SELECT season, player_lookup, MIN(game_date) AS game_date
  FROM (
    SELECT season, player_lookup, game_date FROM played
    UNION ALL
    SELECT r.season, r.player_lookup, r.game_date
    FROM player_game_summary_rows AS r
    JOIN player_game_summary_repeated AS k ON k.game_date = r.game_date AND k.player_lookup = r.player_lookup AND k.is_ambiguous
    WHERE {{ s.is_played() }}
  ) AS games
  GROUP BY season, player_lookup
),
{{- w.as_of('known', 'debuts') }},
population AS (
  SELECT as_of, player_lookup AS entity_id FROM known
  UNION DISTINCT
  SELECT d.as_of, k.player_lookup AS entity_id
  FROM run_dates AS d
  JOIN upcoming_player_game_context_rows AS k ON k.game_date = d.as_of
)
{%- endmacro -%}

{#- What the population macro of a table reads. -#}
{%- macro population_inputs(table) %}
{{- s.calendar() }}
{%- if table.population == 'known_players' %}, {{- s.played() }}{% endif %}
{%- if table.population != 'scheduled_teams' %}, {{- s.context() }}{% endif %}
{%- endmacro -%}

{#- Players whose key stands for several people: in the context of the date, or in an earlier box score of the season. -#}
{%- macro ambiguity() %}
first_ambiguous AS (
  SELECT {{ a.season_of('game_date') }} AS season, player_lookup, MIN(game_date) AS game_date
  FROM player_game_summary_repeated
  WHERE is_ambiguous
  GROUP BY season, player_lookup
),
{{- w.as_of('ambiguous_earlier', 'first_ambiguous') }},
ambiguous AS (
  SELECT as_of, player_lookup FROM ambiguous_earlier
  UNION DISTINCT
  SELECT game_date AS as_of, player_lookup FROM upcoming_player_game_context_repeated WHERE is_ambiguous
)
{%- endmacro -%}

{#- Reason and detail as columns, NULL where the member has a row; `reasons` are (reason, condition, detail), in order. -#}
{%- macro failure(reasons) -%}
CASE{% for reason, condition, detail in reasons %} WHEN {{ condition }} THEN '{{ reason }}'{% endfor %} END AS failure_reason,
    CASE{% for reason, condition, detail in reasons %} WHEN {{ condition }} THEN {{ detail }}{% endfor %} END AS failure_detail
{%- endmacro -%}
{%- set no_prior_games = "'no game of the season before the date'" -%}
{%- set ambiguous_player = "'several people share this player_lookup'" -%}

{#- The three tables of listed players: a member's joins, with the aliases n (population), x (ambiguous), k (context),
    t (the slate), f and r (form and recent games), v and o (coverage of his team and of the opponent). -#}
{%- macro listed_inputs(columns, day_windows=(7,), spans=()) %}
{{- s.calendar() }}, {{- s.played() }}, {{- s.facts(sources.team_offense_game_summary) }}, {{- s.facts(sources.team_defense_game_summary) }},
{{- s.context() }}, {{- w.coverage(spans) }}, {{- listed_players() }}, {{- ambiguity() }}, {{- w.player_load(columns, day_windows) }}
{%- endmacro -%}
{%- macro from_listed() -%}
FROM population AS n
  LEFT JOIN ambiguous AS x ON x.as_of = n.as_of AND x.player_lookup = n.entity_id
  LEFT JOIN upcoming_player_game_context AS k ON k.game_date = n.as_of AND k.player_lookup = n.entity_id
  LEFT JOIN team_schedule AS t ON t.game_date = n.as_of AND t.team_abbr = k.team_abbr
  LEFT JOIN player_form AS f ON f.as_of = n.as_of AND f.player_lookup = n.entity_id
  LEFT JOIN player_recent AS r ON r.as_of = n.as_of AND r.player_lookup = n.entity_id
  LEFT JOIN coverage AS v ON v.as_of = n.as_of AND v.team_abbr = k.team_abbr
  LEFT JOIN coverage AS o ON o.as_of = n.as_of AND o.team_abbr = k.opponent_team_abbr
{%- endmacro -%}
{%- macro listed_failure(more=()) -%}
{{ failure([
      ('AMBIGUOUS_PLAYER', 'x.player_lookup IS NOT NULL', ambiguous_player),
      ('CONTEXT_INVALID', "COALESCE(k.team_abbr, '') = ''", "'the context names no team'"),
      ('CONTEXT_INVALID', "COALESCE(k.opponent_team_abbr, '') = ''", "'the context names no opponent'"),
      ('CONTEXT_INVALID', 't.team_abbr IS NULL', "CONCAT(k.team_abbr, ' has no game on the schedule of the date')")] + more | list) }}
{%- endmacro -%}

{#- A row of another Phase 4 table for the same date, read as stored. -#}
{%- macro upstream(table, alias, entity='n.entity_id') -%}
LEFT JOIN (SELECT * FROM {{ relation(table) }} WHERE {{ run.dates_of(table.date_column) }}) AS {{ alias }}
    ON {{ alias }}.{{ table.date_column }} = n.as_of AND {{ alias }}.{{ table.entity_column }} = {{ entity }}
{%- endmacro -%}
{%- macro ready(alias) -%} COALESCE({{ alias }}.is_production_ready, FALSE) {%- endmacro -%}
