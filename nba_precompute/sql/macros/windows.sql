{#- Windows over earlier games. Each window is summed up once per game (the game and those before it, by ROWS frames);
    as_of() then gives each date of the run the newest game before it.
    needs: `table` (its main window), `common`; of every relation that a macro reads or is given, the columns game_date and
    season. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}

{#- THE as-of rule: the only place where a date of the run meets an earlier game. Makes the CTE `name`: with newest() one
    row per date and entity, with last_days(n) every game of the n days before the date.
    needs: CTEs run_dates and `games`. -#}
{%- macro as_of(name, games, keep='') %}
{{ name }} AS (
  SELECT run_date.as_of, game.*
  FROM run_dates AS run_date
  JOIN {{ games }} AS game ON game.season = run_date.season AND game.game_date < run_date.as_of{{ keep }}
)
{%- endmacro -%}
{%- macro newest() %} AND COALESCE(game.next_game_date >= run_date.as_of, TRUE){% endmacro -%}
{%- macro last_days(n) %} AND game.game_date >= DATE_SUB(run_date.as_of, INTERVAL {{ n }} DAY){% endmacro -%}

{#- The date of the entity's next game: until then, this game is its newest. -#}
{%- macro next_game_date(entity) -%}
LEAD(game_date) OVER (PARTITION BY season, {{ entity }} ORDER BY game_date) AS next_game_date
{%- endmacro -%}

{#- A window over the newest n games, or over the season without n. -#}
{%- macro frame(name, entity, n=none) -%}
{{ name }} AS (
    PARTITION BY season, {{ entity }} ORDER BY game_date
    ROWS BETWEEN {{ 'UNBOUNDED' if n is none else n - 1 }} PRECEDING AND CURRENT ROW)
{%- endmacro -%}

{#- The WINDOW clause: newest_<n> for the main window of the table and for each of `sizes`, and season_to_date. A SELECT
    lists every window that it uses here. -#}
{%- macro named_windows(entity, sizes=()) -%}
WINDOW
    {%- for n in ([table.window] + sizes | list) | unique | sort %}
    {{ frame('newest_%d' % n, entity, n) }},
    {%- endfor %}
    {{ frame('season_to_date', entity) }}
{%- endmacro -%}
{%- macro main() -%} newest_{{ table.window }} {%- endmacro -%}

{#- The number of games in the main window, and its bounds. -#}
{%- macro sample() -%}
COUNT(*) OVER {{ main() }} AS games_in_sample,
    MIN(game_date) OVER {{ main() }} AS window_first_game_date, game_date AS window_last_game_date
{%- endmacro -%}

{#- The CTE game_coverage: each team's side of each scheduled game, with the reason why a source does not cover it, as
    <source>_gap (contract, section 3). A difference in points counts against player_game_summary.
    needs: CTEs team_schedule, played, team_offense_game_summary, team_defense_game_summary. -#}
{%- macro game_coverage() %}
box_scores AS (
  SELECT game_date, team_abbr, COUNT(*) AS players, SUM(points) AS points, COUNT(minutes_played) AS players_with_minutes,
    SUM({{ math.exact('minutes_played') }}) AS minutes_known
  FROM played
  GROUP BY game_date, team_abbr
),
game_coverage AS (
  SELECT side.game_date, side.season, side.team_abbr,
    CASE
      WHEN box_score.players IS NULL THEN 'no box score'
      WHEN box_score.players < {{ common.COVERED_PLAYERS }} THEN
        CONCAT(CAST(box_score.players AS STRING), IF(box_score.players = 1, ' player', ' players'))
      WHEN box_score.points IS NULL THEN 'points unknown'
      WHEN box_score.points != offense.points_scored THEN
        CONCAT('points ', CAST(box_score.points AS STRING), ' of ', CAST(offense.points_scored AS STRING))
      WHEN box_score.players_with_minutes = box_score.players AND box_score.minutes_known < {{ common.COVERED_MINUTES }} THEN
        CONCAT('minutes ', CAST(CAST(FLOOR(box_score.minutes_known) AS INT64) AS STRING), ' of {{ common.COVERED_MINUTES }}')
    END AS player_game_summary_gap,
    CASE
      WHEN offense.team_abbr IS NULL THEN 'no team offense row'
      WHEN offense.points_scored IS NULL THEN 'team points unknown'
    END AS team_offense_game_summary_gap,
    IF(defense.defending_team_abbr IS NULL, 'no team defense row', NULL) AS team_defense_game_summary_gap
  FROM team_schedule AS side
  LEFT JOIN box_scores AS box_score ON box_score.game_date = side.game_date AND box_score.team_abbr = side.team_abbr
  LEFT JOIN team_offense_game_summary AS offense
    ON offense.game_date = side.game_date AND offense.team_abbr = side.team_abbr
  LEFT JOIN team_defense_game_summary AS defense
    ON defense.game_date = side.game_date AND defense.defending_team_abbr = side.team_abbr
)
{%- endmacro -%}
{#- The first reason why a side is not covered, NULL where it is. -#}
{%- macro coverage_gap() -%}
COALESCE(player_game_summary_gap, team_offense_game_summary_gap, team_defense_game_summary_gap)
{%- endmacro -%}
{%- macro is_covered() -%} {{ coverage_gap() }} IS NULL {%- endmacro -%}

{#- The CTE coverage: a row per date and team with an earlier game, with the covered games of the main window, and
    l<n>_completeness_pct for each n of `sizes`; for each n of `day_windows` a CTE coverage_l<n>d.
    needs: CTEs run_dates and those that game_coverage() needs. -#}
{%- macro coverage(sizes=(), day_windows=()) %}
{{- game_coverage() }},
scheduled AS (
  SELECT game_date, season, team_abbr, IF({{ is_covered() }}, 1, 0) AS is_covered FROM game_coverage
),
scheduled_games AS (
  SELECT *, {{ next_game_date('team_abbr') }},
    COUNT(*) OVER {{ main() }} AS expected_games_count, SUM(is_covered) OVER {{ main() }} AS actual_games_count
    {%- for n in sizes %},
    {{ share_covered('OVER newest_%d' % n) }} AS l{{ n }}_completeness_pct
    {%- endfor %}
  FROM scheduled
  {{ named_windows('team_abbr', sizes) }}
),
{{- as_of('coverage', 'scheduled_games', newest()) }}
{%- for n in day_windows %},
{{- as_of('scheduled_l%dd' % n, 'scheduled', last_days(n)) }},
coverage_l{{ n }}d AS (
  SELECT as_of, team_abbr, {{ share_covered() }} AS l{{ n }}d_completeness_pct
  FROM scheduled_l{{ n }}d
  GROUP BY as_of, team_abbr
)
{%- endfor %}
{%- endmacro -%}
{%- macro share_covered(over='') -%} SAFE_DIVIDE(100 * SUM(is_covered){{ ' ' ~ over }}, COUNT(*){{ ' ' ~ over }}) {%- endmacro -%}

{#- The coverage counts of a row.
    needs: the alias coverage. -#}
{%- macro completeness() -%}
COALESCE(coverage.expected_games_count, 0) AS expected_games_count,
    COALESCE(coverage.actual_games_count, 0) AS actual_games_count
{%- endmacro -%}

{#- The completeness columns that follow from the counts (contract, section 3). `issues` are (label, condition) pairs.
    needs: the columns of completeness() and sample(). -#}
{%- macro quality(upstreams_ready='TRUE', issues=()) %}
    expected_games_count, actual_games_count, expected_games_count - actual_games_count AS missing_games_count,
    {{ completeness_percentage() }} AS completeness_percentage,
    games_in_sample, window_first_game_date, window_last_game_date,
    games_in_sample < {{ table.window }} AS early_season_flag,
    IF(games_in_sample < {{ common.MINIMUM_GAMES }},
      CONCAT(CAST(games_in_sample AS STRING), ' games in sample, the minimum is {{ common.MINIMUM_GAMES }}'),
      NULL) AS insufficient_data_reason,
    {{ math.labels(in_declared_order([
        ('incomplete_window', 'actual_games_count < expected_games_count'),
        ('below_minimum_games', 'games_in_sample < %d' % common.MINIMUM_GAMES)] + issues | list)) }} AS data_quality_issues,
    {{ completeness_percentage() }} >= {{ common.READY_COMPLETENESS }}
      AND games_in_sample >= {{ common.MINIMUM_GAMES }} AND {{ upstreams_ready }} AS is_production_ready
{%- endmacro -%}
{%- macro completeness_percentage() -%} COALESCE(SAFE_DIVIDE(100 * actual_games_count, expected_games_count), 100) {%- endmacro -%}
{%- macro is_stale(days) -%} {{ days }} > {{ common.STALE_DAYS }} {%- endmacro -%}

{#- Form, rest and load of each history before each date (contract, section 4.3): the CTEs player_form, the window sums of the
    newest game, and player_recent, the last days. `columns` are further (name, expression) pairs of player_form, over
    season_to_date and newest_<n> for each n of `sizes`.
    needs: CTEs run_dates, history_games. -#}
{%- macro player_load(columns=(), sizes=(), day_windows=(7,)) %}
{%- set back_to_back_days = 14 %}
player_games AS (
  SELECT game_date, season, history, {{ next_game_date('history') }}, {{ sample() }}
    {%- for name, expression in columns %},
    {{ expression }} AS {{ name }}
    {%- endfor %}
  FROM history_games
  {{ named_windows('history', sizes) }}
),
{{- as_of('player_form', 'player_games', newest()) }},
{{- as_of('player_recent_games', 'history_games', last_days(([back_to_back_days] + day_windows | list) | max)) }},
player_recent AS (
  SELECT as_of, history,
    COUNT(IF(is_second_night AND {{ is_within(back_to_back_days) }}, 1, NULL)) AS back_to_backs_last_14_days,
    {{ math.mean('IF(%s, minutes_played, NULL)' % is_within(7)) }} AS avg_minutes_per_game_last_7
    {%- for n in day_windows %},
    COUNT(IF({{ is_within(n) }}, 1, NULL)) AS games_in_last_{{ n }}_days,
    IF(COUNT(IF({{ is_within(n) }}, 1, NULL)) = 0, 0,
      {{ math.total('IF(%s, minutes_played, NULL)' % is_within(n)) }}) AS minutes_in_last_{{ n }}_days
    {%- endfor %}
  FROM player_recent_games
  GROUP BY as_of, history
)
{%- endmacro -%}
{%- macro is_within(days) -%} game_date >= DATE_SUB(as_of, INTERVAL {{ days }} DAY) {%- endmacro -%}

{#- The columns of player_load() in a row.
    needs: the aliases member, form (of player_form), recent (of player_recent). -#}
{%- macro load_columns(day_windows=(7,)) -%}
DATE_DIFF(member.as_of, form.window_last_game_date, DAY) AS days_rest,
    COALESCE(recent.back_to_backs_last_14_days, 0) AS back_to_backs_last_14_days, recent.avg_minutes_per_game_last_7
    {%- for n in day_windows %},
    COALESCE(recent.games_in_last_{{ n }}_days, 0) AS games_in_last_{{ n }}_days,
    IF(recent.history IS NULL, 0, recent.minutes_in_last_{{ n }}_days) AS minutes_in_last_{{ n }}_days
    {%- endfor %}
{%- endmacro -%}
{%- macro sample_columns() -%}
COALESCE(form.games_in_sample, 0) AS games_in_sample, form.window_first_game_date, form.window_last_game_date
{%- endmacro -%}

{#- The CTE environment: pace, rating and results of each team before each date.
    needs: CTEs run_dates, team_offense_game_summary. -#}
{%- macro team_environment() %}
environment_games AS (
  SELECT game_date, season, team_abbr, {{ next_game_date('team_abbr') }},
    {{ math.mean('pace', 'newest_10') }} AS team_pace_last_10,
    {{ math.mean('offensive_rating', 'newest_10') }} AS team_off_rating_last_10,
    COUNT(win_flag) OVER season_to_date AS decided_games, COUNT(IF(win_flag, 1, NULL)) OVER season_to_date AS wins
  FROM team_offense_game_summary
  {{ named_windows('team_abbr', (10,)) }}
),
{{- as_of('environment', 'environment_games', newest()) }}
{%- endmacro -%}
