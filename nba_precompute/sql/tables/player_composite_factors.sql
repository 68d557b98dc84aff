{#- Fatigue, matchup, pace and usage of each listed player (contract, section 4.3). -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/windows.sql' as win with context -%}
{%- import 'macros/population.sql' as pop with context -%}
{%- set recent_usage = 'usage_rate_last_%d' % factors.RECENT_USAGE_GAMES -%}
{#- The column of the player's primary zone; balanced counts as paint. -#}
{%- macro by_zone(alias, suffix) -%}
CASE shot_zones.primary_scoring_zone
      {%- for zone in zones %} WHEN '{{ zone_labels[zone] }}' THEN {{ alias }}.{{ zone }}_{{ suffix }}{% endfor %}
      WHEN 'balanced' THEN {{ alias }}.paint_{{ suffix }} END
{%- endmacro -%}
{#- A declared column as thresholds compare it. -#}
{%- macro comparable(name) -%} {{ math.exact(name) if table.column(name).type == 'FLOAT64' else name }} {%- endmacro -%}
{%- macro clamped(x, column) -%} {{ math.clamp(x, table.column(column).range) }} {%- endmacro -%}
{#- The sum of the declared steps: of each column the first that holds. -#}
{%- macro fatigue() -%}
100
      {%- for name, steps in factors.FATIGUE_STEPS.items() %}
      + CASE
        {%- for comparison, threshold, change in steps %} WHEN {{ comparable(name) }} {{ comparison }} {{ threshold }} THEN {{ change }}
        {%- endfor %} ELSE 0 END
      {%- endfor %}
{%- endmacro -%}
{%- macro star_factor() -%}
CASE
{%- for stars, factor in factors.STAR_FACTORS %} WHEN usage_spike > 0 AND star_teammates_out >= {{ stars }} THEN {{ factor }}
{%- endfor %} ELSE 1 END
{%- endmacro -%}
WITH
{{- pop.listed_inputs([
  (recent_usage, math.mean('usage_rate', 'newest_%d' % factors.RECENT_USAGE_GAMES)),
  ('baseline_usage_rate', math.mean('usage_rate', 'season_to_date'))], sizes=(factors.RECENT_USAGE_GAMES,)) }},
{{- win.team_environment() }},
{{- win.as_of('season_games', 'team_offense_game_summary') }},
league AS (SELECT as_of, {{ math.mean('pace') }} AS league_pace FROM season_games GROUP BY as_of),
inputs AS (
  SELECT member.as_of, member.entity_id, context.game_id, context.team_abbr, context.opponent_team_abbr, context.player_age,
    context.star_teammates_out, {{ win.completeness() }}, {{ win.sample_columns() }}, {{ win.load_columns() }},
    DATE_DIFF(member.as_of, opponent_coverage.game_date, DAY) AS opponent_days_rest,
    shot_zones.primary_scoring_zone, {{ by_zone('shot_zones', 'rate_last_10') }} AS zone_rate,
    {{ by_zone('defense', 'defense_vs_league_avg') }} AS opponent_zone_delta,
    environment.team_pace_last_10, opponent_environment.team_pace_last_10 AS opponent_pace_last_10, league.league_pace,
    (environment.team_pace_last_10 + opponent_environment.team_pace_last_10) / 2 - league.league_pace AS pace_differential,
    COALESCE(context.projected_usage_rate, form.{{ recent_usage }}) AS recent_usage_rate, form.baseline_usage_rate,
    {{ pop.ready('shot_zones') }} AS upstream_player_shot_ready, {{ pop.ready('defense') }} AS upstream_team_defense_ready,
    {{ pop.context_ready() }} AS context_ready,
    {{ pop.listed_failure() }}
  {{ pop.from_listed() }}
  LEFT JOIN environment ON environment.as_of = member.as_of AND environment.team_abbr = context.team_abbr
  LEFT JOIN environment AS opponent_environment
    ON opponent_environment.as_of = member.as_of AND opponent_environment.team_abbr = context.opponent_team_abbr
  LEFT JOIN league ON league.as_of = member.as_of
  {{ pop.upstream(tables.player_shot_zone_analysis, 'shot_zones') }}
  {{ pop.upstream(tables.team_defense_zone_analysis, 'defense', 'context.opponent_team_abbr') }}
),
parts AS (
  SELECT *,
    IF(days_rest IS NULL, NULL, {{ clamped(fatigue(), 'fatigue_score') }}) AS fatigue_score,
    opponent_zone_delta * LEAST(zone_rate / {{ factors.FULL_ZONE_RATE }}, 1) AS mismatch,
    {{ factors.USAGE_WEIGHT }} * (recent_usage_rate - baseline_usage_rate) AS usage_spike
  FROM inputs
),
scores AS (
  SELECT *,
    (fatigue_score - 100) / 20 AS fatigue_adjustment,
    {{ clamped('mismatch * IF(ABS(%s) > %s, %s, 1)' % (
      math.exact('mismatch'), factors.STRONG_MISMATCH, factors.STRONG_MISMATCH_FACTOR), 'shot_zone_mismatch_score')
    }} AS shot_zone_mismatch_score,
    {{ clamped('pace_differential / 2', 'pace_score') }} AS pace_score,
    {{ clamped('usage_spike * ' ~ star_factor(), 'usage_spike_score') }} AS usage_spike_score,
    {{ math.labels([
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
  {%- set inputs = factors.INPUTS | length %}
  100 * ({{ inputs }} - ARRAY_LENGTH(missing_inputs)) / {{ inputs }} AS input_completeness_percentage,
  {{ math.labels([
    ('EXTREME_FATIGUE', 'fatigue_score < %s' % factors.EXTREME_FATIGUE),
    ('EXTREME_MATCHUP', 'ABS(%s) > %s' % (math.exact('shot_zone_mismatch_score'), factors.EXTREME_MATCHUP)),
    ('EXTREME_ADJUSTMENT', 'ABS(%s) > %s' % (math.exact('total_composite_adjustment'), factors.EXTREME_ADJUSTMENT))
  ]) }} AS warnings,
  upstream_player_shot_ready, upstream_team_defense_ready, all_upstreams_ready,
  '{{ factors.CALCULATION_VERSION }}' AS calculation_version,
  {{- win.quality('all_upstreams_ready', [
    ('stale_player', win.is_stale('days_rest')),
    ('upstream_player_shot_zone_not_ready', 'NOT upstream_player_shot_ready'),
    ('upstream_team_defense_not_ready', 'NOT upstream_team_defense_ready'),
    ('upstream_context_not_ready', 'NOT context_ready'),
    ('missing_inputs', 'usage_spike IS NULL OR pace_differential IS NULL OR zone_rate IS NULL OR opponent_zone_delta IS NULL')]) }},
  failure_reason, failure_detail
FROM summed
