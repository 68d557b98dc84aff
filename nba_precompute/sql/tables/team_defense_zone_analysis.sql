{#- What each team allowed by shot zone (contract, section 4.1). -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/windows.sql' as win with context -%}
{%- import 'macros/population.sql' as pop with context -%}
{%- set newest = win.main() -%}
WITH
{{- src.calendar_and_facts() }}, {{- win.coverage() }}, {{- pop.scheduled_teams() }},
defended AS (  -- a zone with an unknown count stays out of that zone's sums
  SELECT *, defending_team_abbr AS team_abbr
    {%- for zone in zones %}
    {%- for kind in ('attempts', 'makes') %},
    IF(opp_{{ zone }}_attempts IS NULL OR opp_{{ zone }}_makes IS NULL, NULL, opp_{{ zone }}_{{ kind }}) AS {{ zone }}_{{ kind }}
    {%- endfor %}
    {%- endfor %}
  FROM team_defense_game_summary
),
defense_games AS (
  SELECT game_date, season, team_abbr, {{ win.next_game_date('team_abbr') }}, {{ win.sample() }},
    COUNT(*) OVER season_to_date AS season_games
    {%- for zone in zones %},
    SAFE_DIVIDE(SUM({{ zone }}_makes) OVER {{ newest }}, SUM({{ zone }}_attempts) OVER {{ newest }}) AS {{ zone }}_pct,
    SAFE_DIVIDE(SUM({{ zone }}_makes) OVER season_to_date, SUM({{ zone }}_attempts) OVER season_to_date) AS {{ zone }}_season_pct,
    SAFE_DIVIDE(SUM({{ zone }}_attempts) OVER {{ newest }}, COUNT({{ zone }}_attempts) OVER {{ newest }}) AS {{ zone }}_attempts_per_game,
    {{ math.mean('blocks_' ~ zone, newest) }} AS {{ zone }}_blocks_per_game,
    COUNT({{ zone }}_attempts) OVER {{ newest }} AS {{ zone }}_games
    {%- endfor %},
    {{ math.mean('points_in_paint_allowed', newest) }} AS paint_points_allowed_per_game,
    {{ math.mean('points_allowed', newest) }} AS opponent_points_per_game,
    {{ math.mean('defensive_rating', newest) }} AS defensive_rating_last_15,
    {{ math.mean('opponent_pace', newest) }} AS opponent_pace
  FROM defended
  {{ win.named_windows('team_abbr') }}
),
{{- win.as_of('defense', 'defense_games', win.newest()) }},
{{- win.as_of('recent_games', 'defended', win.last_days(team_defense.LEAGUE_DAYS)) }},
recent_teams AS (
  SELECT as_of, team_abbr, COUNT(*) AS games
    {%- for zone in zones %}, SAFE_DIVIDE(SUM({{ zone }}_makes), SUM({{ zone }}_attempts)) AS {{ zone }}{% endfor %}
  FROM recent_games
  GROUP BY as_of, team_abbr
),
{%- for name, relation, games, suffix in [
  ('league_recent', 'recent_teams', 'games', ''), ('league_season', 'defense', 'season_games', '_season_pct')] %}
{{ name }} AS (  -- unweighted over the teams with enough games, where enough teams have them
  SELECT as_of {%- for zone in zones %}, {{ math.mean(zone ~ suffix) }} AS {{ zone }}{% endfor %}
  FROM {{ relation }}
  WHERE {{ games }} >= {{ team_defense.LEAGUE_GAMES }}
  GROUP BY as_of
  HAVING COUNT(*) >= {{ team_defense.LEAGUE_TEAMS }}
),
{%- endfor %}
league AS (
  SELECT run_date.as_of,
    CASE WHEN recent.as_of IS NOT NULL THEN 'computed' WHEN season.as_of IS NOT NULL THEN 'season' ELSE 'default' END AS league_avg_source
    {%- for zone in zones %},
    CASE WHEN recent.as_of IS NOT NULL THEN recent.{{ zone }} WHEN season.as_of IS NOT NULL THEN season.{{ zone }}
      ELSE {{ team_defense.LEAGUE_DEFAULTS[zone] }} END AS {{ zone }}
    {%- endfor %}
  FROM run_dates AS run_date
  LEFT JOIN league_recent AS recent ON recent.as_of = run_date.as_of
  LEFT JOIN league_season AS season ON season.as_of = run_date.as_of
),
compared AS (
  SELECT member.as_of, member.entity_id, defense.* EXCEPT (as_of, team_abbr), league.league_avg_source, {{ win.completeness() }}
    {%- for zone in zones %}
    {%- set delta = '(defense.%s_pct - league.%s) * 100' % (zone, zone) %},
    {{ delta }} AS {{ zone }}_delta, {{ math.rounded(delta) }} AS {{ zone }}_stored
    {%- endfor %},
    {{ pop.failure([('NO_PRIOR_GAMES', 'defense.team_abbr IS NULL', pop.no_prior_games)]) }}
  FROM population AS member
  JOIN league ON league.as_of = member.as_of
  LEFT JOIN defense ON defense.as_of = member.as_of AND defense.team_abbr = member.entity_id
  LEFT JOIN coverage ON coverage.as_of = member.as_of AND coverage.team_abbr = member.entity_id
)
SELECT
  as_of AS analysis_date, entity_id AS team_abbr
  {%- for zone in zones %},
  {{ zone }}_pct AS {{ zone }}_pct_allowed_last_15, {{ zone }}_attempts_per_game AS {{ zone }}_attempts_allowed_per_game,
  {{ zone }}_blocks_per_game, {{ zone }}_delta AS {{ zone }}_defense_vs_league_avg
  {%- endfor %},
  paint_points_allowed_per_game, opponent_points_per_game, defensive_rating_last_15, opponent_pace
  {%- for name, pick, absent in [('strongest_zone', 'LEAST', '1e9'), ('weakest_zone', 'GREATEST', '-1e9')] %},
  CASE {{ pick }}({% for zone in zones %}COALESCE({{ zone }}_stored, {{ absent }}){{ ', ' if not loop.last }}{% endfor %})
    {%- for zone in zones %} WHEN {{ zone }}_stored THEN '{{ zone_labels[zone] }}'{% endfor %} END AS {{ name }}
  {%- endfor %},
  {{ math.tier_of('games_in_sample', team_defense.DATA_QUALITY_TIERS) }} AS data_quality_tier,
  league_avg_source,
  {{- win.quality(issues=[('zone_data_missing', 'LEAST(paint_games, mid_range_games, three_pt_games) < games_in_sample')]) }},
  failure_reason, failure_detail
FROM compared
