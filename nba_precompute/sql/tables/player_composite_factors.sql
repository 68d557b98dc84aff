{#- Fatigue, matchup, pace and usage of each listed player (contract, section 4.3). -#}
{%- import 'macros/arithmetic.sql' as a with context -%}
{%- import 'macros/sources.sql' as s with context -%}
{%- import 'macros/windows.sql' as w with context -%}
{%- import 'macros/population.sql' as p with context -%}
{#- The column of the player's primary zone; balanced counts as paint. -#}
{%- macro by_zone(alias, suffix) -%}
CASE z.primary_scoring_zone WHEN 'perimeter' THEN {{ alias }}.three_pt_{{ suffix }} WHEN 'mid_range' THEN {{ alias }}.mid_range_{{ suffix }}
      WHEN 'paint' THEN {{ alias }}.paint_{{ suffix }} WHEN 'balanced' THEN {{ alias }}.paint_{{ suffix }} END
{%- endmacro -%}
WITH
{{- p.listed_inputs([
  ('usage_rate_last_5', a.mean('usage_rate', 'newest_5')),
  ('baseline_usage_rate', a.mean('usage_rate', 'season_to_date'))]) }},
{{- w.team_environment() }},
{{- w.as_of('season_games', 'team_offense_game_summary') }},
league AS (SELECT as_of, {{ a.mean('pace') }} AS league_pace FROM season_games GROUP BY as_of),
inputs AS (
  SELECT n.as_of, n.entity_id, k.game_id, k.team_abbr, k.opponent_team_abbr, k.player_age, k.star_teammates_out,
    {{ w.completeness() }}, {{ w.sample_columns() }}, {{ w.load_columns() }},
    DATE_DIFF(n.as_of, o.game_date, DAY) AS opponent_days_rest,
    z.primary_scoring_zone, {{ by_zone('z', 'rate_last_10') }} AS zone_rate, {{ by_zone('d', 'defense_vs_league_avg') }} AS opponent_zone_delta,
    b.team_pace_last_10, c.team_pace_last_10 AS opponent_pace_last_10, l.league_pace,
    (b.team_pace_last_10 + c.team_pace_last_10) / 2 - l.league_pace AS pace_differential,
    COALESCE(k.projected_usage_rate, f.usage_rate_last_5) AS recent_usage_rate, f.baseline_usage_rate,
    {{ p.ready('z') }} AS upstream_player_shot_ready, {{ p.ready('d') }} AS upstream_team_defense_ready,
    k.is_production_ready IS NOT FALSE AS context_ready,
    {{ p.listed_failure() }}
  {{ p.from_listed() }}
  LEFT JOIN environment AS b ON b.as_of = n.as_of AND b.team_abbr = k.team_abbr
  LEFT JOIN environment AS c ON c.as_of = n.as_of AND c.team_abbr = k.opponent_team_abbr
  LEFT JOIN league AS l ON l.as_of = n.as_of
  {{ p.upstream(tables.player_shot_zone_analysis, 'z') }}
  {{ p.upstream(tables.team_defense_zone_analysis, 'd', 'k.opponent_team_abbr') }}
),
parts AS (
  SELECT *,
    IF(days_rest IS NULL, NULL, {{ a.clamp("100
      + CASE WHEN days_rest = 1 THEN -15 WHEN days_rest >= 3 THEN 5 ELSE 0 END
      - IF(games_in_last_7_days >= 4, 10, 0)
      - IF(" ~ a.exact('minutes_in_last_7_days') ~ " > 150, 10, 0)
      - IF(" ~ a.exact('avg_minutes_per_game_last_7') ~ " > 35, 8, 0)
      - CASE WHEN back_to_backs_last_14_days >= 2 THEN 12 WHEN back_to_backs_last_14_days = 1 THEN 5 ELSE 0 END
      - CASE WHEN player_age >= 35 THEN 10 WHEN player_age >= 30 THEN 5 ELSE 0 END", 0, 100) }}) AS fatigue_score,
    opponent_zone_delta * LEAST(zone_rate / 50, 1) AS mismatch,
    0.3 * (recent_usage_rate - baseline_usage_rate) AS usage_spike
  FROM inputs
),
scores AS (
  SELECT *,
    (fatigue_score - 100) / 20 AS fatigue_adjustment,
    {{ a.clamp('mismatch * IF(ABS(' ~ a.exact('mismatch') ~ ') > 5, 1.2, 1)', -10, 10) }} AS shot_zone_mismatch_score,
    {{ a.clamp('pace_differential / 2', -3, 3) }} AS pace_score,
    {{ a.clamp('usage_spike * CASE WHEN usage_spike > 0 AND star_teammates_out >= 2 THEN 1.30 WHEN usage_spike > 0 AND star_teammates_out = 1 THEN 1.15 ELSE 1 END', -3, 3) }} AS usage_spike_score,
    {{ a.labels([
      ('player_age', 'player_age IS NULL'),
      ('usage', 'usage_spike IS NULL'),
      ('pace', 'pace_differential IS NULL'),
      ('shot_zones', 'zone_rate IS NULL'),
      ('team_defense', 'opponent_zone_delta IS NULL')]) }} AS missing_inputs,
    upstream_player_shot_ready AND upstream_team_defense_ready AND context_ready AS all_upstreams_ready
  FROM parts
),
summed AS (
  SELECT *,
    IF(COALESCE(fatigue_adjustment, shot_zone_mismatch_score, pace_score, usage_spike_score) IS NULL, NULL,
      COALESCE(fatigue_adjustment, 0) + COALESCE(shot_zone_mismatch_score, 0) + COALESCE(pace_score, 0) + COALESCE(usage_spike_score, 0)
    ) AS total_composite_adjustment
  FROM scores
)
SELECT
  as_of AS game_date, entity_id AS player_lookup, game_id, team_abbr, opponent_team_abbr, days_rest, opponent_days_rest,
  days_rest = 1 AS back_to_back, games_in_last_7_days, minutes_in_last_7_days, avg_minutes_per_game_last_7, back_to_backs_last_14_days,
  player_age, fatigue_score, fatigue_adjustment, primary_scoring_zone, zone_rate, opponent_zone_delta, shot_zone_mismatch_score,
  team_pace_last_10, opponent_pace_last_10, league_pace, pace_differential, pace_score, recent_usage_rate, baseline_usage_rate,
  star_teammates_out, usage_spike_score, total_composite_adjustment, missing_inputs,
  100 * ({{ inputs | length }} - ARRAY_LENGTH(missing_inputs)) / {{ inputs | length }} AS input_completeness_percentage,
  {{ a.labels([
    ('EXTREME_FATIGUE', 'fatigue_score < 50'),
    ('EXTREME_MATCHUP', 'ABS(' ~ a.exact('shot_zone_mismatch_score') ~ ') > 8'),
    ('EXTREME_ADJUSTMENT', 'ABS(' ~ a.exact('total_composite_adjustment') ~ ') > 12')]) }} AS warnings,
  upstream_player_shot_ready, upstream_team_defense_ready, all_upstreams_ready, '{{ calculation_version }}' AS calculation_version,
  {{- w.quality('all_upstreams_ready', [
    ('stale_player', 'days_rest > 30'),
    ('upstream_player_shot_zone_not_ready', 'NOT upstream_player_shot_ready'),
    ('upstream_team_defense_not_ready', 'NOT upstream_team_defense_ready'),
    ('upstream_context_not_ready', 'NOT context_ready'),
    ('missing_inputs', 'usage_spike IS NULL OR pace_differential IS NULL OR zone_rate IS NULL OR opponent_zone_delta IS NULL')]) }},
  failure_reason, failure_detail
FROM summed
