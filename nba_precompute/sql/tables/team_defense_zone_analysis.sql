{#- What each team allowed by shot zone (contract, section 4.1). -#}
{%- import 'macros/arithmetic.sql' as a with context -%}
{%- import 'macros/sources.sql' as s with context -%}
{%- import 'macros/windows.sql' as w with context -%}
{%- import 'macros/population.sql' as p with context -%}
{%- set defaults = {'paint': '0.580', 'mid_range': '0.410', 'three_pt': '0.355'} -%}
{%- set labels = {'paint': 'paint', 'mid_range': 'mid_range', 'three_pt': 'perimeter'} -%}
WITH
{{- s.calendar() }}, {{- s.played() }}, {{- s.facts(sources.team_offense_game_summary) }}, {{- s.facts(sources.team_defense_game_summary) }},
{{- w.coverage() }}, {{- p.scheduled_teams() }},
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
  SELECT game_date, season, team_abbr, {{ w.next_game_date('team_abbr') }}, {{ w.sample('newest_15') }},
    COUNT(*) OVER season_to_date AS season_games
    {%- for zone in zones %},
    SAFE_DIVIDE(SUM({{ zone }}_makes) OVER newest_15, SUM({{ zone }}_attempts) OVER newest_15) AS {{ zone }}_pct,
    SAFE_DIVIDE(SUM({{ zone }}_makes) OVER season_to_date, SUM({{ zone }}_attempts) OVER season_to_date) AS {{ zone }}_season_pct,
    SAFE_DIVIDE(SUM({{ zone }}_attempts) OVER newest_15, COUNT({{ zone }}_attempts) OVER newest_15) AS {{ zone }}_attempts_per_game,
    {{ a.mean('blocks_' ~ zone, 'newest_15') }} AS {{ zone }}_blocks_per_game,
    COUNT({{ zone }}_attempts) OVER newest_15 AS {{ zone }}_games
    {%- endfor %},
    {{ a.mean('points_in_paint_allowed', 'newest_15') }} AS paint_points_allowed_per_game,
    {{ a.mean('points_allowed', 'newest_15') }} AS opponent_points_per_game,
    {{ a.mean('defensive_rating', 'newest_15') }} AS defensive_rating_last_15,
    {{ a.mean('opponent_pace', 'newest_15') }} AS opponent_pace
  FROM defended
  WINDOW {{ w.frame('newest_15', 'team_abbr', 15) }}, {{ w.frame('season_to_date', 'team_abbr') }}
),
{{- w.as_of('defense', 'defense_games', w.newest()) }},
{{- w.as_of('month_games', 'defended', w.last_days(30)) }},
month_teams AS (
  SELECT as_of, team_abbr, COUNT(*) AS games
    {%- for zone in zones %}, SAFE_DIVIDE(SUM({{ zone }}_makes), SUM({{ zone }}_attempts)) AS {{ zone }}{% endfor %}
  FROM month_games
  GROUP BY as_of, team_abbr
),
{%- for span, relation, games, suffix in [('month', 'month_teams', 'games', ''), ('season', 'defense', 'season_games', '_season_pct')] %}
league_{{ span }} AS (  -- teams with 10 games; unweighted, where 10 teams qualify
  SELECT as_of {%- for zone in zones %}, {{ a.mean(zone ~ suffix) }} AS {{ zone }}{% endfor %}
  FROM {{ relation }}
  WHERE {{ games }} >= 10
  GROUP BY as_of
  HAVING COUNT(*) >= 10
),
{%- endfor %}
league AS (
  SELECT d.as_of,
    CASE WHEN m.as_of IS NOT NULL THEN 'computed' WHEN y.as_of IS NOT NULL THEN 'season' ELSE 'default' END AS league_avg_source
    {%- for zone in zones %},
    CASE WHEN m.as_of IS NOT NULL THEN m.{{ zone }} WHEN y.as_of IS NOT NULL THEN y.{{ zone }} ELSE {{ defaults[zone] }} END AS {{ zone }}
    {%- endfor %}
  FROM run_dates AS d
  LEFT JOIN league_month AS m ON m.as_of = d.as_of
  LEFT JOIN league_season AS y ON y.as_of = d.as_of
),
compared AS (
  SELECT n.as_of, n.entity_id, d.* EXCEPT (as_of, team_abbr), l.league_avg_source, {{ w.completeness() }}
    {%- for zone in zones %},
    (d.{{ zone }}_pct - l.{{ zone }}) * 100 AS {{ zone }}_delta, {{ a.rounded('(d.%s_pct - l.%s) * 100' % (zone, zone)) }} AS {{ zone }}_stored
    {%- endfor %},
    {{ p.failure([('NO_PRIOR_GAMES', 'd.team_abbr IS NULL', p.no_prior_games)]) }}
  FROM population AS n
  JOIN league AS l ON l.as_of = n.as_of
  LEFT JOIN defense AS d ON d.as_of = n.as_of AND d.team_abbr = n.entity_id
  LEFT JOIN coverage AS v ON v.as_of = n.as_of AND v.team_abbr = n.entity_id
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
    {%- for zone in zones %} WHEN {{ zone }}_stored THEN '{{ labels[zone] }}'{% endfor %} END AS {{ name }}
  {%- endfor %},
  CASE WHEN games_in_sample >= 15 THEN 'high' WHEN games_in_sample >= 10 THEN 'medium' ELSE 'low' END AS data_quality_tier,
  league_avg_source,
  {{- w.quality(issues=[('zone_data_missing', 'LEAST(paint_games, mid_range_games, three_pt_games) < games_in_sample')]) }},
  failure_reason, failure_detail
FROM compared
