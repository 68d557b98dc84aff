{#- The features of each listed player, each with its tier (contract, section 4.5). A feature without a Phase 4 column, or
    with a Phase 3 fallback, has its formula in the CTE `computed`, under its own name with the suffix `_computed`. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/windows.sql' as win with context -%}
{%- import 'macros/population.sql' as pop with context -%}
{%- set features = registry.FEATURES -%}
{%- set upstreams = {
  'player_daily_cache': 'daily_cache', 'player_composite_factors': 'factors',
  'player_shot_zone_analysis': 'shot_zones', 'team_defense_zone_analysis': 'defense'} -%}
{%- set newest, before = registry.TREND_GAMES -%}
{%- set before_newest = '(PARTITION BY season, history ORDER BY game_date ROWS BETWEEN %d PRECEDING AND %d PRECEDING)' -%}
{%- set enough_games = 'games_in_sample >= %d' % registry.CALCULATED_MINIMUM_GAMES -%}
{#- Steps of a change: 2, 1, 0, -1, -2 at the (large, small) bounds of either sign. -#}
{%- macro steps(x, bounds) -%}
{%- set large, small = bounds -%}
CASE WHEN {{ x }} IS NULL THEN NULL WHEN {{ x }} >= {{ large }} THEN 2 WHEN {{ x }} >= {{ small }} THEN 1
      WHEN {{ x }} <= -{{ large }} THEN -2 WHEN {{ x }} <= -{{ small }} THEN -1 ELSE 0 END
{%- endmacro -%}
{%- macro clamped(x, feature) -%} {{ math.clamp(x, table.column(feature).range) }} {%- endmacro -%}
{#- The unrounded value of a feature. Where its Phase 4 row exists, a NULL value gives the default: only an absent row is
    computed from Phase 3. -#}
{%- macro value_of(feature) -%}
{%- if feature.phase4 and feature.phase3 %}IF(has_{{ feature.phase4_table }}, {{ feature.name }}_phase4, {{ feature.name }}_computed)
{%- else %}{{ feature.name ~ ('_phase4' if feature.phase4 else '_computed') }}
{%- endif %}
{%- endmacro -%}
{#- The condition under which a feature has a tier; empty if it can never have it. -#}
{%- macro has_tier(feature, tier) -%}
{%- if tier == 'default' %}{{ feature.name }} IS NULL
{%- elif tier == 'phase4' and feature.phase4 %}{{ feature.name ~ '_phase4' if feature.phase3 else feature.name }} IS NOT NULL
{%- elif tier == 'phase3' and feature.phase3 %}{{ feature.name }} IS NOT NULL AND {{ feature.name }}_phase4 IS NULL
{%- elif tier == 'calculated' and not feature.phase4 %}{{ feature.name }} IS NOT NULL
{%- endif %}
{%- endmacro -%}
{%- macro tier_name(feature) -%}
CASE
{%- for tier in registry.TIER_SCORES if has_tier(feature, tier) and tier != 'default' %} WHEN {{ has_tier(feature, tier) }}
{{- " THEN '%s'" % tier }}
{%- endfor %} ELSE 'default' END
{%- endmacro -%}
{%- macro risk_of(status) -%}
CASE {{ status }}{% for name, risk in registry.INJURY_RISK.items() %} WHEN '{{ name }}' THEN {{ risk }}{% endfor %} END
{%- endmacro -%}
{#- The number of features with a tier; groups of five keep the expression shallow. -#}
{%- macro count_of(tier, features) -%}
0
{%- for group in features | batch(5) %} + (0
{%- for feature in group if has_tier(feature, tier) %} + IF({{ has_tier(feature, tier) }}, 1, 0){% endfor %}){% endfor %}
{%- endmacro -%}
WITH
{{- pop.listed_inputs([
  ('points_of_newest', math.mean('points', 'newest_%d' % newest)),
  ('points_before', math.mean('points', before_newest % (newest + before - 1, newest))),
  ('minutes_avg_last_10', math.mean('minutes_played', 'newest_10')),
  ('minutes_avg_season', math.mean('minutes_played', 'season_to_date')),
  ('free_throws_last_10', 'SUM(IF(points IS NULL, NULL, ft_makes)) OVER newest_10'),
  ('points_last_10', 'SUM(IF(ft_makes IS NULL, NULL, points)) OVER newest_10')], sizes=(newest, 10)) }},
{{- win.team_environment() }},
inputs AS (
  SELECT member.as_of, member.entity_id, context.game_id, context.team_abbr, context.opponent_team_abbr, context.home_game,
    LOWER(context.player_status) AS status, slate.is_playoffs,
    {{ win.completeness() }}, {{ win.sample_columns() }}, {{ win.load_columns() }},
    DATE_DIFF(member.as_of, opponent_coverage.game_date, DAY) AS opponent_days_rest,
    {{ math.exact('form.points_of_newest - form.points_before') }} AS points_trend,
    {{ math.exact('SAFE_DIVIDE(form.minutes_avg_last_10 - form.minutes_avg_season, form.minutes_avg_season)') }} AS minutes_trend,
    form.free_throws_last_10, form.points_last_10,
    environment.team_pace_last_10, environment.team_off_rating_last_10, environment.decided_games, environment.wins,
    {{ pop.context_ready() }} AS context_ready,
    {%- for name, alias in upstreams.items() %}
    {{ alias }}.{{ tables[name].entity_column }} IS NOT NULL AS has_{{ name }}, {{ pop.ready(alias) }} AS {{ name }}_ready,
    {%- endfor %}
    {%- for feature in features if feature.phase4 %}
    {{ upstreams[feature.phase4_table] }}.{{ feature.phase4_column }} / {{ feature.divisor }} AS {{ feature.name }}_phase4,
    {%- endfor %}
    {{ pop.listed_failure() }}
  {{ pop.from_listed() }}
  LEFT JOIN environment ON environment.as_of = member.as_of AND environment.team_abbr = context.team_abbr
  {%- for name, alias in upstreams.items() %}
  {%- set is_of_team = tables[name].entity_column == 'team_abbr' %}
  {{ pop.upstream(tables[name], alias, 'context.opponent_team_abbr' if is_of_team else 'member.entity_id') }}
  {%- endfor %}
),
computed AS (
  SELECT *,
    games_in_last_7_days AS games_in_last_7_days_computed,
    {{ clamped('days_rest - opponent_days_rest', 'rest_advantage') }} AS rest_advantage_computed,
    {{ risk_of('status') }} AS injury_risk_computed,
    IF({{ enough_games }}, {{ steps('points_trend', registry.TREND_STEPS) }}, NULL) AS recent_trend_computed,
    {{ steps('minutes_trend', registry.MINUTES_STEPS) }} AS minutes_change_computed,
    IF(home_game, 1, IF(home_game IS NULL, NULL, 0)) AS home_away_computed,
    IF(days_rest IS NULL, NULL, IF(days_rest = 1, 1, 0)) AS back_to_back_computed,
    is_playoffs AS playoff_game_computed,
    IF({{ enough_games }} AND points_last_10 > 0,
      {{ clamped('free_throws_last_10 / points_last_10', 'pct_free_throw') }}, NULL) AS pct_free_throw_computed,
    team_pace_last_10 AS team_pace_computed,
    team_off_rating_last_10 AS team_off_rating_computed,
    IF(decided_games >= {{ registry.CALCULATED_MINIMUM_GAMES }}, wins / decided_games, NULL) AS team_win_pct_computed
  FROM inputs
),
valued AS (
  SELECT * EXCEPT (games_in_last_7_days)
    {%- for feature in features %},
    {{ math.rounded(value_of(feature)) }} AS {{ feature.name }}
    {%- endfor %}
  FROM computed
),
counted AS (
  SELECT *,
    [{% for feature in features %}COALESCE({{ feature.name }}, {{ feature.default }}){{ ', ' if not loop.last }}{% endfor %}] AS features,
    [{% for feature in features %}'{{ feature.name }}'{{ ', ' if not loop.last }}{% endfor %}] AS feature_names,
    [{% for feature in features %}{{ tier_name(feature) }}{{ ', ' if not loop.last }}{% endfor %}] AS feature_sources,
    {%- for tier in registry.TIER_SCORES %}
    {{ count_of(tier, features) }} AS {{ tier }}_count,
    {%- endfor %}
    {{ count_of('default', features | selectattr('required') | list) }} AS required_default_count
  FROM valued
),
rated AS (
  SELECT * EXCEPT (expected_games_count, actual_games_count, games_in_sample, window_first_game_date, window_last_game_date),
    ({% for tier, score in registry.TIER_SCORES.items() %}{{ score }} * {{ tier }}_count{{ ' + ' if not loop.last }}{% endfor %})
      / {{ features | length }} AS feature_quality_score,
    {{- win.quality(upstreams | join('_ready AND ') ~ '_ready AND context_ready', [
      ('stale_player', win.is_stale('days_rest')),
      ('upstream_player_shot_zone_not_ready', 'NOT player_shot_zone_analysis_ready'),
      ('upstream_team_defense_not_ready', 'NOT team_defense_zone_analysis_ready'),
      ('upstream_composite_not_ready', 'NOT player_composite_factors_ready'),
      ('upstream_daily_cache_not_ready', 'NOT player_daily_cache_ready'),
      ('upstream_context_not_ready', 'NOT context_ready')]) }}
  FROM counted
)
{%- set phase4_features = features | selectattr('phase4') | list | length %}
SELECT
  as_of AS game_date, entity_id AS player_lookup, game_id, team_abbr, opponent_team_abbr, home_game AS is_home, days_rest,
  {% for feature in features %}{{ feature.name }}, {% endfor %}
  features, feature_names, feature_sources, {{ features | length }} AS feature_count,
  '{{ registry.FEATURE_VERSION }}' AS feature_version,
  default_count, required_default_count, feature_quality_score,
  {{ math.tier_of(math.exact('feature_quality_score'), registry.QUALITY_TIERS) }} AS quality_tier,
  {{ math.exact('feature_quality_score') }} >= {{ registry.READY_SCORE }} AND required_default_count = 0
    AND is_production_ready AS is_quality_ready,
  CASE WHEN early_season_flag THEN 'early_season'
    {%- for name, share in registry.PHASE4_SHARES %}
    WHEN phase4_count >= {{ share }} * {{ phase4_features }} THEN '{{ name }}'
    {%- endfor %}
    ELSE 'mixed' END AS data_source,
  expected_games_count, actual_games_count, missing_games_count, completeness_percentage, games_in_sample, window_first_game_date,
  window_last_game_date, early_season_flag, insufficient_data_reason, data_quality_issues, is_production_ready,
  failure_reason, failure_detail
FROM rated
