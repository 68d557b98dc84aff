{#- Where each player shot from and how well (contract, section 4.2). -#}
{%- import 'macros/arithmetic.sql' as a with context -%}
{%- import 'macros/sources.sql' as s with context -%}
{%- import 'macros/windows.sql' as w with context -%}
{%- import 'macros/population.sql' as p with context -%}
WITH
{{- s.calendar() }}, {{- s.played() }}, {{- s.facts(sources.team_offense_game_summary) }}, {{- s.facts(sources.team_defense_game_summary) }},
{{- s.context() }}, {{- w.coverage() }}, {{- p.known_players() }}, {{- p.ambiguity() }},
shots AS (  -- a game with an unknown count stays out: of the zone sums, and of the assisted sums
  SELECT game_date, season, player_lookup, team_abbr, has_zones, paint_attempts + mid_range_attempts + three_pt_attempts AS attempts
    {%- for zone in zones %}, IF(has_zones, {{ zone }}_attempts, NULL) AS {{ zone }}_attempts, IF(has_zones, {{ zone }}_makes, NULL) AS {{ zone }}_makes{% endfor %}
    {%- for kind in ('fg_makes', 'assisted_fg_makes', 'unassisted_fg_makes') %}, IF(has_assists, {{ kind }}, NULL) AS {{ kind }}{% endfor %}
  FROM (
    SELECT *, fg_makes + assisted_fg_makes + unassisted_fg_makes IS NOT NULL AS has_assists,
      {% for zone in zones %}{{ zone }}_attempts + {{ zone }}_makes{{ ' + ' if not loop.last }}{% endfor %} IS NOT NULL AS has_zones
    FROM played
  ) AS games
),
shot_games AS (
  SELECT game_date, season, player_lookup, team_abbr, {{ w.next_game_date('player_lookup') }}, {{ w.sample('newest_10') }}
    {%- for n in (10, 20) %},
    COUNT(*) OVER newest_{{ n }} AS games_{{ n }},
    SUM(IF(has_zones, attempts, NULL)) OVER newest_{{ n }} AS attempts_{{ n }}
    {%- endfor %},
    COUNT(IF(has_zones, 1, NULL)) OVER newest_10 AS zone_games_10
    {%- for zone in zones %},
    SUM({{ zone }}_attempts) OVER newest_10 AS {{ zone }}_attempts_10, SUM({{ zone }}_makes) OVER newest_10 AS {{ zone }}_makes_10
    {%- endfor %},
    SUM(paint_attempts) OVER newest_20 AS paint_attempts_20, SUM(paint_makes) OVER newest_20 AS paint_makes_20
    {%- for kind in ('fg_makes', 'assisted_fg_makes', 'unassisted_fg_makes') %},
    SUM({{ kind }}) OVER newest_10 AS {{ kind }}
    {%- endfor %}
  FROM shots
  WINDOW {{ w.frame('newest_10', 'player_lookup', 10) }}, {{ w.frame('newest_20', 'player_lookup', 20) }}
),
{{- w.as_of('shooting', 'shot_games', w.newest()) }},
rated AS (
  SELECT n.as_of, n.entity_id, g.* EXCEPT (as_of, player_lookup), {{ w.completeness() }},
    DATE_DIFF(n.as_of, g.game_date, DAY) AS days_since_last_game
    {%- for zone in zones %},
    SAFE_DIVIDE(100 * g.{{ zone }}_attempts_10, g.attempts_10) AS {{ zone }}_rate_last_10
    {%- endfor %},
    {{ p.failure([
      ('AMBIGUOUS_PLAYER', 'x.player_lookup IS NOT NULL', p.ambiguous_player),
      ('NO_PRIOR_GAMES', 'g.player_lookup IS NULL', p.no_prior_games)]) }}
  FROM population AS n
  LEFT JOIN ambiguous AS x ON x.as_of = n.as_of AND x.player_lookup = n.entity_id
  LEFT JOIN shooting AS g ON g.as_of = n.as_of AND g.player_lookup = n.entity_id
  LEFT JOIN coverage AS v ON v.as_of = n.as_of AND v.team_abbr = g.team_abbr
)
SELECT
  as_of AS analysis_date, entity_id AS player_lookup, team_abbr, game_date AS last_game_date, days_since_last_game
  {%- for zone in zones %},
  {{ zone }}_rate_last_10, SAFE_DIVIDE({{ zone }}_makes_10, {{ zone }}_attempts_10) AS {{ zone }}_pct_last_10,
  SAFE_DIVIDE({{ zone }}_attempts_10, zone_games_10) AS {{ zone }}_attempts_per_game
  {%- endfor %},
  attempts_10 AS total_shots_last_10, zone_games_10,
  SAFE_DIVIDE(100 * assisted_fg_makes, fg_makes) AS assisted_rate_last_10,
  SAFE_DIVIDE(100 * unassisted_fg_makes, fg_makes) AS unassisted_rate_last_10,
  IF(games_20 >= 15, SAFE_DIVIDE(100 * paint_attempts_20, attempts_20), NULL) AS paint_rate_last_20,
  IF(games_20 >= 15, SAFE_DIVIDE(paint_makes_20, paint_attempts_20), NULL) AS paint_pct_last_20,
  games_10 AS games_in_sample_10, IF(games_20 >= 15, games_20, NULL) AS games_in_sample_20,
  CASE WHEN games_10 >= 10 THEN 'excellent' WHEN games_10 >= 7 THEN 'good' WHEN games_10 >= 5 THEN 'limited' ELSE 'insufficient' END AS sample_quality_10,
  CASE WHEN games_20 >= 20 THEN 'excellent' WHEN games_20 >= 15 THEN 'good' END AS sample_quality_20,
  CASE WHEN {{ a.exact('paint_rate_last_10') }} >= 40 THEN 'paint' WHEN {{ a.exact('three_pt_rate_last_10') }} >= 40 THEN 'perimeter'
    WHEN {{ a.exact('mid_range_rate_last_10') }} >= 35 THEN 'mid_range' WHEN paint_rate_last_10 IS NOT NULL THEN 'balanced' END AS primary_scoring_zone,
  CASE WHEN games_10 >= 10 THEN 'high' WHEN games_10 >= 7 THEN 'medium' ELSE 'low' END AS data_quality_tier,
  {{- w.quality(issues=[('stale_player', 'days_since_last_game > 30'), ('zone_data_missing', 'zone_games_10 < games_10')]) }},
  failure_reason, failure_detail
FROM rated
