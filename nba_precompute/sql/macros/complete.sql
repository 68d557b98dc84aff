{#- What makes a date incomplete (contract, section 3, the check `complete`): box scores that its windows need and that are neither
    covered nor waived, and listed players who meet no earlier box score.
    needs: `run`, `relation`, `common`. -#}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/windows.sql' as win with context -%}
{%- import 'macros/waivers.sql' as waivers with context -%}

{#- The CTE passing_sides: each side of a scheduled game, the gap in its coverage, and whether it passes: covered or waived.
    needs: CTE game_coverage. -#}
{%- macro passing_sides() %}
{{- waivers.waived() }},
passing_sides AS (
  SELECT side.*, waived.team_abbr IS NOT NULL AS is_waived, side.gap IS NULL OR waived.team_abbr IS NOT NULL AS passes
  FROM (SELECT *, {{ win.coverage_gap() }} AS gap FROM game_coverage) AS side
  LEFT JOIN waived ON waived.game_date = side.game_date AND waived.team_abbr = side.team_abbr
)
{%- endmacro -%}

{#- The CTE short_windows: (scope, as_of, team_abbr, expected, passing), the teams with too few passing games among their newest
    ones, of the date's slate or of the whole season; `scopes` as in `tables/scopes.py`.
    needs: CTEs run_dates, team_schedule, passing_sides. -#}
{%- macro short_windows(scopes) %}
passing_games AS (
  SELECT game_date, season, team_abbr, {{ win.next_game_date('team_abbr') }}
    {%- for scope in scopes %},
    COUNT(*) OVER {{ scope.name }} AS {{ scope.name }}_expected,
    COUNT(IF(passes, 1, NULL)) OVER {{ scope.name }} AS {{ scope.name }}_passing
    {%- endfor %}
  FROM passing_sides
  WINDOW {% for scope in scopes %}{{ win.frame(scope.name, 'team_abbr', scope.games) }}{{ ', ' if not loop.last }}{% endfor %}
),
{{- win.as_of('newest_passing_games', 'passing_games', win.newest()) }},
short_windows AS (
  {%- for scope in scopes %}
  {%- set expected, passing = 'game.%s_expected' % scope.name, 'game.%s_passing' % scope.name %}
  SELECT '{{ scope.name }}' AS scope, game.as_of, game.team_abbr, {{ expected }} AS expected, {{ passing }} AS passing
  FROM newest_passing_games AS game
  {%- if scope.is_slate %}
  JOIN team_schedule AS slate ON slate.game_date = game.as_of AND slate.team_abbr = game.team_abbr
  {%- endif %}
  WHERE 100 * {{ passing }} < {{ common.READY_COMPLETENESS }} * {{ expected }}
  {{- '\n  UNION ALL' if not loop.last }}
  {%- endfor %}
)
{%- endmacro -%}

{#- The CTE newest_day: (as_of, game_date), the newest date with a game before each date.
    needs: CTEs run_dates, schedule. -#}
{%- macro newest_day() %}
game_days AS (
  SELECT season, game_date, LEAD(game_date) OVER (PARTITION BY season ORDER BY game_date) AS next_game_date
  FROM (SELECT DISTINCT season, game_date FROM schedule) AS days
),
{{- win.as_of('newest_day', 'game_days', win.newest()) }}
{%- endmacro -%}

{#- The CTE lost_joins: (as_of, listed, lost, example), the dates on which too many listed players meet no earlier game although
    their teams have played enough: neither the person nor the key may be new. A person is found by id under any key, but a
    slate of new keys has lost its join to every reader of the tables. The example is a key that no box score has, if there is one:
    not that of a player on the bench.
    needs: CTEs run_dates, team_schedule, player_game_summary, context_people, newest_keys. -#}
{%- macro lost_joins() %}
team_games AS (
  SELECT game_date, season, team_abbr, {{ win.next_game_date('team_abbr') }},
    COUNT(*) OVER (PARTITION BY season, team_abbr ORDER BY game_date) AS games
  FROM team_schedule
),
{{- win.as_of('newest_team_games', 'team_games', win.newest()) }},
first_keys AS (
  SELECT season, player_lookup, MIN(game_date) AS game_date, MIN(IF({{ src.is_played() }}, game_date, NULL)) AS first_played
  FROM player_game_summary
  GROUP BY season, player_lookup
),
{{- win.as_of('known_keys', 'first_keys') }},
lost_joins AS (
  SELECT person.as_of, COUNT(*) AS listed, COUNT(IF({{ is_lost() }}, 1, NULL)) AS lost,
    COALESCE(
      MIN(IF(known.player_lookup IS NULL, person.player_lookup, NULL)), MIN(IF({{ is_lost() }}, person.player_lookup, NULL))
    ) AS example
  FROM context_people AS person
  JOIN newest_team_games AS team
    ON team.as_of = person.as_of AND team.team_abbr = person.team_abbr AND team.games >= {{ common.LOST_JOIN_GAMES }}
  LEFT JOIN newest_keys AS earlier ON earlier.as_of = person.as_of AND earlier.history = person.history
  LEFT JOIN known_keys AS known ON known.as_of = person.as_of AND known.player_lookup = person.player_lookup
  WHERE person.history IS NOT NULL
  GROUP BY person.as_of
  HAVING COUNT(IF({{ is_lost() }}, 1, NULL)) > {{ common.LOST_JOIN_SHARE }} * COUNT(*)
)
{%- endmacro -%}
{%- macro is_lost() -%} earlier.history IS NULL OR COALESCE(known.first_played >= known.as_of, TRUE) {%- endmacro -%}
