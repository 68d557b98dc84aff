{#- The features of each listed player, each with its tier (contract, section 4.5). A feature without a Phase 4 column, or
    with a Phase 3 fallback, has its formula in the CTE `computed`, under its own name. -#}
{%- import 'macros/arithmetic.sql' as a with context -%}
{%- import 'macros/sources.sql' as s with context -%}
{%- import 'macros/windows.sql' as w with context -%}
{%- import 'macros/population.sql' as p with context -%}
{%- set upstreams = {'player_daily_cache': 'c', 'player_composite_factors': 'g', 'player_shot_zone_analysis': 'z', 'team_defense_zone_analysis': 'd'} -%}
{#- Steps of a change: 2, 1, 0, -1, -2 at +-`large` and +-`small`. -#}
{%- macro steps(x, large, small) -%}
CASE WHEN {{ x }} IS NULL THEN NULL WHEN {{ x }} >= {{ large }} THEN 2 WHEN {{ x }} >= {{ small }} THEN 1
      WHEN {{ x }} <= -{{ large }} THEN -2 WHEN {{ x }} <= -{{ small }} THEN -1 ELSE 0 END
{%- endmacro -%}
{#- When a feature has a tier; NULL where it can never have it. -#}
{%- macro has_tier(feature, tier) -%}
{%- if tier == 'default' %}{{ feature.name }} IS NULL
{%- elif tier == 'phase4' and feature.phase4 %}{{ feature.name ~ '_phase4' if feature.phase3 else feature.name }} IS NOT NULL
{%- elif tier == 'phase3' and feature.phase3 %}{{ feature.name }} IS NOT NULL AND {{ feature.name }}_phase4 IS NULL
{%- elif tier == 'calculated' and not feature.phase4 %}{{ feature.name }} IS NOT NULL
{%- endif %}
{%- endmacro -%}
{#- How many features have a tier; groups of five keep the expression shallow. -#}
{%- macro count_of(tier, features) -%}
0{% for group in features | batch(5) %} + (0{% for feature in group if has_tier(feature, tier) %} + IF({{ has_tier(feature, tier) }}, 1, 0){% endfor %}){% endfor %}
{%- endmacro -%}
WITH
{{- p.listed_inputs([
  ('points_of_newest_2', a.mean('points', 'newest_2')),
  ('points_of_3_before', a.mean('points', '(PARTITION BY season, player_lookup ORDER BY game_date ROWS BETWEEN 4 PRECEDING AND 2 PRECEDING)')),
  ('minutes_avg_last_10', a.mean('minutes_played', 'newest_10')),
  ('minutes_avg_season', a.mean('minutes_played', 'season_to_date')),
  ('free_throws_last_10', 'SUM(IF(points IS NULL, NULL, ft_makes)) OVER newest_10'),
  ('points_last_10', 'SUM(IF(ft_makes IS NULL, NULL, points)) OVER newest_10')]) }},
{{- w.team_environment() }},
inputs AS (
  SELECT n.as_of, n.entity_id, k.game_id, k.team_abbr, k.opponent_team_abbr, k.home_game, LOWER(k.player_status) AS status, t.is_playoffs,
    {{ w.completeness() }}, {{ w.sample_columns() }}, {{ w.load_columns() }},
    DATE_DIFF(n.as_of, o.game_date, DAY) AS opponent_days_rest,
    {{ a.exact('f.points_of_newest_2 - f.points_of_3_before') }} AS points_trend,
    {{ a.exact('SAFE_DIVIDE(f.minutes_avg_last_10 - f.minutes_avg_season, f.minutes_avg_season)') }} AS minutes_trend,
    f.free_throws_last_10, f.points_last_10, e.team_pace_last_10, e.team_off_rating_last_10, e.decided_games, e.wins,
    k.is_production_ready IS NOT FALSE AS context_ready,
    {%- for table, alias in upstreams.items() %}
    {{ alias }}.{{ tables[table].entity_column }} IS NOT NULL AS has_{{ table }}, {{ p.ready(alias) }} AS {{ table }}_ready,
    {%- endfor %}
    {%- for feature in features if feature.phase4 %}
    {{ upstreams[feature.phase4_table] }}.{{ feature.phase4_column }} / {{ feature.divisor }} AS {{ feature.name }}_phase4,
    {%- endfor %}
    {{ p.listed_failure() }}
  {{ p.from_listed() }}
  LEFT JOIN environment AS e ON e.as_of = n.as_of AND e.team_abbr = k.team_abbr
  {%- for table, alias in upstreams.items() %}
  {{ p.upstream(tables[table], alias, 'k.opponent_team_abbr' if tables[table].entity_column == 'team_abbr' else 'n.entity_id') }}
  {%- endfor %}
),
computed AS (
  SELECT *,
    games_in_last_7_days AS games_in_last_7_days_computed,
    {{ a.clamp('days_rest - opponent_days_rest', -2, 2) }} AS rest_advantage_computed,
    CASE status WHEN 'available' THEN 0 WHEN 'probable' THEN 1 WHEN 'questionable' THEN 2 WHEN 'doubtful' THEN 3 WHEN 'out' THEN 3 END AS injury_risk_computed,
    IF(games_in_sample >= 5, {{ steps('points_trend', 5, 2) }}, NULL) AS recent_trend_computed,
    {{ steps('minutes_trend', '0.20', '0.10') }} AS minutes_change_computed,
    IF(home_game, 1, IF(home_game IS NULL, NULL, 0)) AS home_away_computed,
    IF(days_rest IS NULL, NULL, IF(days_rest = 1, 1, 0)) AS back_to_back_computed,
    is_playoffs AS playoff_game_computed,
    IF(games_in_sample >= 5 AND points_last_10 > 0, {{ a.clamp('free_throws_last_10 / points_last_10', 0, 0.5) }}, NULL) AS pct_free_throw_computed,
    team_pace_last_10 AS team_pace_computed,
    team_off_rating_last_10 AS team_off_rating_computed,
    IF(decided_games >= 5, wins / decided_games, NULL) AS team_win_pct_computed
  FROM inputs
),
valued AS (  -- a row with a NULL value gives the default: only an absent row is computed from Phase 3
  SELECT * EXCEPT (games_in_last_7_days)
    {%- for feature in features %},
    {{ a.rounded('IF(has_%s, %s_phase4, %s_computed)' % (feature.phase4_table, feature.name, feature.name) if feature.phase4 and feature.phase3
      else feature.name ~ ('_phase4' if feature.phase4 else '_computed')) }} AS {{ feature.name }}
    {%- endfor %}
  FROM computed
),
counted AS (
  SELECT *,
    [{% for feature in features %}COALESCE({{ feature.name }}, {{ feature.default }}){{ ', ' if not loop.last }}{% endfor %}] AS features,
    [{% for feature in features %}'{{ feature.name }}'{{ ', ' if not loop.last }}{% endfor %}] AS feature_names,
    [{% for feature in features %}CASE{% for tier in tier_scores if has_tier(feature, tier) and tier != 'default' %} WHEN {{ has_tier(feature, tier) }} THEN '{{ tier }}'{% endfor %} ELSE 'default' END{{ ', ' if not loop.last }}{% endfor %}] AS feature_sources,
    {%- for tier in tier_scores %}
    {{ count_of(tier, features) }} AS {{ tier }}_count,
    {%- endfor %}
    {{ count_of('default', features | selectattr('required') | list) }} AS required_default_count
  FROM valued
),
rated AS (
  SELECT * EXCEPT (expected_games_count, actual_games_count, games_in_sample, window_first_game_date, window_last_game_date),
    ({% for tier, score in tier_scores.items() %}{{ score }} * {{ tier }}_count{{ ' + ' if not loop.last }}{% endfor %}) / {{ features | length }} AS feature_quality_score,
    {{- w.quality('player_daily_cache_ready AND player_composite_factors_ready AND player_shot_zone_analysis_ready AND team_defense_zone_analysis_ready AND context_ready', [
      ('stale_player', 'days_rest > 30'),
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
  features, feature_names, feature_sources, {{ features | length }} AS feature_count, '{{ feature_version }}' AS feature_version,
  default_count, required_default_count, feature_quality_score,
  CASE {% for tier, lowest in quality_tiers %}{% if not loop.last %}WHEN {{ a.exact('feature_quality_score') }} >= {{ lowest }} THEN{% else %}ELSE{% endif %} '{{ tier }}' {% endfor %}END AS quality_tier,
  {{ a.exact('feature_quality_score') }} >= {{ ready_score }} AND required_default_count = 0 AND is_production_ready AS is_quality_ready,
  CASE WHEN early_season_flag THEN 'early_season' WHEN phase4_count >= 0.9 * {{ phase4_features }} THEN 'phase4'
    WHEN phase4_count >= 0.5 * {{ phase4_features }} THEN 'phase4_partial' ELSE 'mixed' END AS data_source,
  expected_games_count, actual_games_count, missing_games_count, completeness_percentage, games_in_sample, window_first_game_date,
  window_last_game_date, early_season_flag, insufficient_data_reason, data_quality_issues, is_production_ready,
  failure_reason, failure_detail
FROM rated
