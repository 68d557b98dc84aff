{#- Windows over earlier games. A window is summed up once per game (the game and those before it, by ROWS frames);
    as_of() then gives each date of the run the newest game before it. -#}
{%- import 'macros/arithmetic.sql' as a with context -%}

{#- THE as-of rule: the only place where a date of the run meets an earlier game. Exactly one row per entity with
    newest(); with last_days(n) every game of the n days before the date. -#}
{%- macro as_of(name, games, keep='') %}
{{ name }} AS (
  SELECT d.as_of, g.*
  FROM run_dates AS d
  JOIN {{ games }} AS g ON g.season = d.season AND g.game_date < d.as_of{{ keep }}
)
{%- endmacro -%}
{%- macro newest() %} AND COALESCE(g.next_game_date >= d.as_of, TRUE){% endmacro -%}
{%- macro last_days(n) %} AND g.game_date >= DATE_SUB(d.as_of, INTERVAL {{ n }} DAY){% endmacro -%}

{#- The date of the entity's next game: until then, this one is its newest. -#}
{%- macro next_game_date(entity) -%}
LEAD(game_date) OVER (PARTITION BY season, {{ entity }} ORDER BY game_date) AS next_game_date
{%- endmacro -%}

{#- The frame of the newest n games (all of the season without n), as a named window. -#}
{%- macro frame(name, entity, n=none) -%}
{{ name }} AS (PARTITION BY season, {{ entity }} ORDER BY game_date ROWS BETWEEN {{ 'UNBOUNDED' if n is none else n - 1 }} PRECEDING AND CURRENT ROW)
{%- endmacro -%}
{#- The size of the main window and its bounds. -#}
{%- macro sample(window) -%}
COUNT(*) OVER {{ window }} AS games_in_sample, MIN(game_date) OVER {{ window }} AS window_first_game_date, game_date AS window_last_game_date
{%- endmacro -%}

{#- Each team's side of each scheduled game, by what each source must have of it (contract, section 3): covered where all
    three have. Points that differ are laid at the box score's door. Needs played and the team tables. -#}
{%- macro game_coverage() %}
box_scores AS (
  SELECT game_date, team_abbr, SUM(points) AS points
  FROM played
  GROUP BY game_date, team_abbr
  HAVING COUNT(*) >= 5 AND (COUNT(minutes_played) < COUNT(*) OR SUM({{ a.exact('minutes_played') }}) >= 235)
),
game_coverage AS (
  SELECT s.game_date, s.season, s.team_abbr,
    p.points IS NOT NULL AND COALESCE(p.points = o.points_scored, TRUE) AS in_player_game_summary,
    o.points_scored IS NOT NULL AS in_team_offense_game_summary,
    t.defending_team_abbr IS NOT NULL AS in_team_defense_game_summary
  FROM team_schedule AS s
  LEFT JOIN box_scores AS p ON p.game_date = s.game_date AND p.team_abbr = s.team_abbr
  LEFT JOIN team_offense_game_summary AS o ON o.game_date = s.game_date AND o.team_abbr = s.team_abbr
  LEFT JOIN team_defense_game_summary AS t ON t.game_date = s.game_date AND t.defending_team_abbr = s.team_abbr
)
{%- endmacro -%}
{%- macro is_covered() -%} in_player_game_summary AND in_team_offense_game_summary AND in_team_defense_game_summary {%- endmacro -%}

{#- The coverage of windows: coverage has a row per date and team with an earlier game. `spans` adds the completeness of
    l<n> games and l<n>d days. -#}
{%- macro coverage(spans=()) %}
{{- game_coverage() }},
scheduled AS (
  SELECT game_date, season, team_abbr, IF({{ is_covered() }}, 1, 0) AS is_covered FROM game_coverage
),
scheduled_games AS (
  SELECT *, {{ next_game_date('team_abbr') }},
    COUNT(*) OVER newest_{{ table.window }} AS expected_games_count, SUM(is_covered) OVER newest_{{ table.window }} AS actual_games_count
    {%- for span in spans if not span.endswith('d') %},
    {{ share_covered('OVER newest_' ~ span[1:]) }} AS {{ span }}_completeness_pct
    {%- endfor %}
  FROM scheduled
  WINDOW {{ frame('newest_5', 'team_abbr', 5) }}, {{ frame('newest_10', 'team_abbr', 10) }}, {{ frame('newest_15', 'team_abbr', 15) }}
),
{{- as_of('coverage', 'scheduled_games', newest()) }}
{%- for span in spans if span.endswith('d') %},
{{- as_of('scheduled_' ~ span, 'scheduled', last_days(span[1:-1])) }},
coverage_{{ span }} AS (
  SELECT as_of, team_abbr, {{ share_covered() }} AS {{ span }}_completeness_pct FROM scheduled_{{ span }} GROUP BY as_of, team_abbr
)
{%- endfor %}
{%- endmacro -%}
{%- macro share_covered(over='') -%} SAFE_DIVIDE(100 * SUM(is_covered){{ ' ' ~ over }}, COUNT(*){{ ' ' ~ over }}) {%- endmacro -%}

{#- The coverage columns of a row; v is its row of coverage. -#}
{%- macro completeness() -%}
COALESCE(v.expected_games_count, 0) AS expected_games_count, COALESCE(v.actual_games_count, 0) AS actual_games_count
{%- endmacro -%}

{#- The completeness columns that follow from the counts (contract, section 3). `issues` are (label, condition) pairs. -#}
{%- macro quality(upstreams_ready='TRUE', issues=()) %}
    expected_games_count, actual_games_count, expected_games_count - actual_games_count AS missing_games_count,
    {{ completeness_percentage() }} AS completeness_percentage,
    games_in_sample, window_first_game_date, window_last_game_date,
    games_in_sample < {{ table.window }} AS early_season_flag,
    IF(games_in_sample < {{ minimum_games }}, CONCAT(CAST(games_in_sample AS STRING), ' games in sample, the minimum is {{ minimum_games }}'), NULL) AS insufficient_data_reason,
    {{ a.labels(in_declared_order([
        ('incomplete_window', 'actual_games_count < expected_games_count'),
        ('below_minimum_games', 'games_in_sample < %d' % minimum_games)] + issues | list)) }} AS data_quality_issues,
    {{ completeness_percentage() }} >= {{ ready_completeness }} AND games_in_sample >= {{ minimum_games }} AND {{ upstreams_ready }} AS is_production_ready
{%- endmacro -%}
{%- macro completeness_percentage() -%} COALESCE(SAFE_DIVIDE(100 * actual_games_count, expected_games_count), 100) {%- endmacro -%}

{#- Rest and load of each player before each date (contract, section 4.3): the named window sums of his newest game, and
    the last days. `columns` are further (name, expression) pairs over newest_5, newest_10 and season_to_date. -#}
{%- macro player_load(columns=(), day_windows=(7,)) %}
player_games AS (
  SELECT game_date, season, player_lookup, {{ next_game_date('player_lookup') }}, {{ sample('newest_10') }}
    {%- for name, expression in columns %},
    {{ expression }} AS {{ name }}
    {%- endfor %}
  FROM played
  WINDOW {{ frame('newest_2', 'player_lookup', 2) }}, {{ frame('newest_5', 'player_lookup', 5) }}, {{ frame('newest_10', 'player_lookup', 10) }}, {{ frame('season_to_date', 'player_lookup') }}
),
{{- as_of('player_form', 'player_games', newest()) }},
{{- as_of('player_recent_games', 'played', last_days(14)) }},
player_recent AS (
  SELECT as_of, player_lookup, COUNT(IF(is_second_night, 1, NULL)) AS back_to_backs_last_14_days,
    {{ a.mean('IF(game_date >= DATE_SUB(as_of, INTERVAL 7 DAY), minutes_played, NULL)') }} AS avg_minutes_per_game_last_7
    {%- for n in day_windows %},
    COUNT(IF(game_date >= DATE_SUB(as_of, INTERVAL {{ n }} DAY), 1, NULL)) AS games_in_last_{{ n }}_days,
    IF(COUNT(IF(game_date >= DATE_SUB(as_of, INTERVAL {{ n }} DAY), 1, NULL)) = 0, 0, {{ a.total('IF(game_date >= DATE_SUB(as_of, INTERVAL %d DAY), minutes_played, NULL)' % n) }}) AS minutes_in_last_{{ n }}_days
    {%- endfor %}
  FROM player_recent_games
  GROUP BY as_of, player_lookup
)
{%- endmacro -%}
{#- Its columns in a row: n is the member of the population, f its row of player_form, r of player_recent. -#}
{%- macro load_columns(day_windows=(7,)) -%}
DATE_DIFF(n.as_of, f.window_last_game_date, DAY) AS days_rest,
    COALESCE(r.back_to_backs_last_14_days, 0) AS back_to_backs_last_14_days, r.avg_minutes_per_game_last_7
    {%- for n in day_windows %},
    COALESCE(r.games_in_last_{{ n }}_days, 0) AS games_in_last_{{ n }}_days,
    IF(r.player_lookup IS NULL, 0, r.minutes_in_last_{{ n }}_days) AS minutes_in_last_{{ n }}_days
    {%- endfor %}
{%- endmacro -%}
{%- macro sample_columns() -%}
COALESCE(f.games_in_sample, 0) AS games_in_sample, f.window_first_game_date, f.window_last_game_date
{%- endmacro -%}

{#- Pace, rating and results of each team before each date: the newest 10 games, and the season's known results. -#}
{%- macro team_environment() %}
environment_games AS (
  SELECT game_date, season, team_abbr, {{ next_game_date('team_abbr') }},
    {{ a.mean('pace', 'newest_10') }} AS team_pace_last_10, {{ a.mean('offensive_rating', 'newest_10') }} AS team_off_rating_last_10,
    COUNT(win_flag) OVER season_to_date AS decided_games, COUNT(IF(win_flag, 1, NULL)) OVER season_to_date AS wins
  FROM team_offense_game_summary
  WINDOW {{ frame('newest_10', 'team_abbr', 10) }}, {{ frame('season_to_date', 'team_abbr') }}
),
{{- as_of('environment', 'environment_games', newest()) }}
{%- endmacro -%}
