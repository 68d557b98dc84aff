{#- Form, load and team environment of each listed player (contract, section 4.4). -#}
{%- import 'macros/arithmetic.sql' as a with context -%}
{%- import 'macros/sources.sql' as s with context -%}
{%- import 'macros/windows.sql' as w with context -%}
{%- import 'macros/population.sql' as p with context -%}
WITH
{{- p.listed_inputs([
  ('points_avg_last_5', a.mean('points', 'newest_5')),
  ('points_avg_last_10', a.mean('points', 'newest_10')),
  ('points_avg_season', a.mean('points', 'season_to_date')),
  ('points_std_last_10', a.sample_deviation('points', 'newest_10')),
  ('minutes_avg_last_10', a.mean('minutes_played', 'newest_10')),
  ('minutes_avg_season', a.mean('minutes_played', 'season_to_date')),
  ('usage_rate_last_10', a.mean('usage_rate', 'newest_10')),
  ('player_usage_rate_season', a.mean('usage_rate', 'season_to_date')),
  ('ts_pct_last_10', a.mean('ts_pct', 'newest_10')),
  ('games_played_season', 'COUNT(*) OVER season_to_date')], (7, 14), completeness_windows) }},
{{- w.team_environment() }},
joined AS (
  SELECT n.as_of, n.entity_id, k.team_abbr, k.opponent_team_abbr, k.player_age, f.* EXCEPT (as_of, game_date, season, player_lookup, next_game_date, games_in_sample, window_first_game_date, window_last_game_date),
    {{ w.completeness() }}, {{ w.sample_columns() }}, {{ w.load_columns((7, 14)) }}, e.team_pace_last_10, e.team_off_rating_last_10
    {%- for column in shot_zone_columns %}, z.{{ column }}{% endfor %},
    z.player_lookup IS NOT NULL AS shot_zone_data_available, {{ p.ready('z') }} AS shot_zones_ready, k.is_production_ready IS NOT FALSE AS context_ready
    {%- for span in completeness_windows %},
    COALESCE({{ 'v' if not span.endswith('d') else 'v_' ~ span }}.{{ span }}_completeness_pct, 100) AS {{ span }}_completeness_pct
    {%- endfor %},
    {{ p.listed_failure([('NO_PRIOR_GAMES', 'f.player_lookup IS NULL', p.no_prior_games)]) }}
  {{ p.from_listed() }}
  LEFT JOIN environment AS e ON e.as_of = n.as_of AND e.team_abbr = k.team_abbr
  {%- for span in completeness_windows if span.endswith('d') %}
  LEFT JOIN coverage_{{ span }} AS v_{{ span }} ON v_{{ span }}.as_of = n.as_of AND v_{{ span }}.team_abbr = k.team_abbr
  {%- endfor %}
  {{ p.upstream(tables.player_shot_zone_analysis, 'z') }}
)
SELECT
  as_of AS cache_date, entity_id AS player_lookup, team_abbr, opponent_team_abbr,
  points_avg_last_5, points_avg_last_10, points_avg_season, points_std_last_10, minutes_avg_last_10, minutes_avg_season,
  usage_rate_last_10, player_usage_rate_season, ts_pct_last_10, games_played_season, team_pace_last_10, team_off_rating_last_10,
  games_in_last_7_days, games_in_last_14_days, minutes_in_last_7_days, minutes_in_last_14_days, avg_minutes_per_game_last_7,
  back_to_backs_last_14_days, days_rest,
  {{ shot_zone_columns | join(', ') }}, shot_zone_data_available,
  {% for span in completeness_windows %}{{ span }}_completeness_pct, {% endfor %}
  LEAST({% for span in completeness_windows %}{{ span }}_completeness_pct{{ ', ' if not loop.last }}{% endfor %}) >= {{ ready_completeness }} AS all_windows_complete,
  player_age, '{{ cache_version }}' AS cache_version,
  {{- w.quality('shot_zones_ready AND context_ready', [
    ('stale_player', 'days_rest > 30'),
    ('upstream_player_shot_zone_not_ready', 'NOT shot_zones_ready'),
    ('upstream_context_not_ready', 'NOT context_ready')]) }},
  failure_reason, failure_detail
FROM joined
