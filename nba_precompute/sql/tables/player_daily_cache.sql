{#- Form, load and team environment of each listed player (contract, section 4.4). -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/windows.sql' as win with context -%}
{%- import 'macros/population.sql' as pop with context -%}
{%- set days = cache.DAY_WINDOWS -%}
WITH
{{- pop.listed_inputs([
  ('points_avg_last_5', math.mean('points', 'newest_5')),
  ('points_avg_last_10', math.mean('points', 'newest_10')),
  ('points_avg_season', math.mean('points', 'season_to_date')),
  ('points_std_last_10', math.sample_deviation('points', 'newest_10')),
  ('minutes_avg_last_10', math.mean('minutes_played', 'newest_10')),
  ('minutes_avg_season', math.mean('minutes_played', 'season_to_date')),
  ('usage_rate_last_10', math.mean('usage_rate', 'newest_10')),
  ('player_usage_rate_season', math.mean('usage_rate', 'season_to_date')),
  ('ts_pct_last_10', math.mean('ts_pct', 'newest_10')),
  ('games_played_season', 'COUNT(*) OVER season_to_date')],
  sizes=(5, 10), day_windows=days, coverage=win.coverage(cache.GAME_WINDOWS, days)) }},
{{- win.team_environment() }},
joined AS (
  SELECT member.as_of, member.entity_id, context.team_abbr, context.opponent_team_abbr, context.player_age,
    form.* EXCEPT (as_of, game_date, season, history, next_game_date, games_in_sample, window_first_game_date, window_last_game_date),
    {{ win.completeness() }}, {{ win.sample_columns() }}, {{ win.load_columns(days) }},
    environment.team_pace_last_10, environment.team_off_rating_last_10
    {%- for column in cache.SHOT_ZONE_COLUMNS %}, shot_zones.{{ column }}{% endfor %},
    shot_zones.player_lookup IS NOT NULL AS shot_zone_data_available,
    {{ pop.ready('shot_zones') }} AS shot_zones_ready, {{ pop.context_ready() }} AS context_ready
    {%- for n in cache.GAME_WINDOWS %},
    COALESCE(coverage.l{{ n }}_completeness_pct, 100) AS l{{ n }}_completeness_pct
    {%- endfor %}
    {%- for n in days %},
    COALESCE(coverage_l{{ n }}d.l{{ n }}d_completeness_pct, 100) AS l{{ n }}d_completeness_pct
    {%- endfor %},
    {{ pop.listed_failure([('NO_PRIOR_GAMES', 'form.history IS NULL', pop.no_prior_games)]) }}
  {{ pop.from_listed() }}
  LEFT JOIN environment ON environment.as_of = member.as_of AND environment.team_abbr = context.team_abbr
  {%- for n in days %}
  LEFT JOIN coverage_l{{ n }}d ON coverage_l{{ n }}d.as_of = member.as_of AND coverage_l{{ n }}d.team_abbr = context.team_abbr
  {%- endfor %}
  {{ pop.upstream(tables.player_shot_zone_analysis, 'shot_zones') }}
)
SELECT
  as_of AS cache_date, entity_id AS player_lookup, team_abbr, opponent_team_abbr,
  points_avg_last_5, points_avg_last_10, points_avg_season, points_std_last_10, minutes_avg_last_10, minutes_avg_season,
  usage_rate_last_10, player_usage_rate_season, ts_pct_last_10, games_played_season, team_pace_last_10, team_off_rating_last_10,
  {% for n in days %}games_in_last_{{ n }}_days, {% endfor %}{% for n in days %}minutes_in_last_{{ n }}_days, {% endfor %}
  avg_minutes_per_game_last_7, back_to_backs_last_14_days, days_rest,
  {{ cache.SHOT_ZONE_COLUMNS | join(', ') }}, shot_zone_data_available,
  {{ cache.COMPLETENESS_COLUMNS | join(', ') }},
  LEAST({{ cache.COMPLETENESS_COLUMNS | join(', ') }}) >= {{ common.READY_COMPLETENESS }} AS all_windows_complete,
  player_age, '{{ cache.CACHE_VERSION }}' AS cache_version,
  {{- win.quality('shot_zones_ready AND context_ready', [
    ('stale_player', win.is_stale('days_rest')),
    ('upstream_player_shot_zone_not_ready', 'NOT shot_zones_ready'),
    ('upstream_context_not_ready', 'NOT context_ready')]) }},
  failure_reason, failure_detail
FROM joined
