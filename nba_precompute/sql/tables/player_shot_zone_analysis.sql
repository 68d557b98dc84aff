{#- Where each player shot from and how well (contract, section 4.2). -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/windows.sql' as win with context -%}
{%- import 'macros/population.sql' as pop with context -%}
{%- import 'macros/people.sql' as people with context -%}
{%- set newest, newest_long = win.main(), 'newest_%d' % shot_zones.LONG_WINDOW -%}
{%- set makes = ('fg_makes', 'assisted_fg_makes', 'unassisted_fg_makes') -%}
{#- A value over the long window, NULL with too few games in it. -#}
{%- macro if_long(value) -%} IF(long_games >= {{ shot_zones.LONG_WINDOW_MINIMUM }}, {{ value }}, NULL) {%- endmacro -%}
WITH
{{- src.calendar_and_facts() }}, {{- src.context() }}, {{- people.identities() }}, {{- win.coverage() }}, {{- pop.known_players() }},
shots AS (  -- a game with an unknown count stays out of the zone sums, and of the assisted sums
  SELECT game_date, season, history, team_abbr, has_zones,
    paint_attempts + mid_range_attempts + three_pt_attempts AS attempts
    {%- for zone in zones %},
    IF(has_zones, {{ zone }}_attempts, NULL) AS {{ zone }}_attempts, IF(has_zones, {{ zone }}_makes, NULL) AS {{ zone }}_makes
    {%- endfor %}
    {%- for kind in makes %}, IF(has_assists, {{ kind }}, NULL) AS {{ kind }}{% endfor %}
  FROM (
    SELECT *, {{ makes | join(' + ') }} IS NOT NULL AS has_assists,
      {% for zone in zones %}{{ zone }}_attempts + {{ zone }}_makes{{ ' + ' if not loop.last }}{% endfor %} IS NOT NULL AS has_zones
    FROM history_games
  ) AS games
),
shot_games AS (
  SELECT game_date, season, history, team_abbr, {{ win.next_game_date('history') }}, {{ win.sample() }},
    COUNT(*) OVER {{ newest_long }} AS long_games,
    SUM(IF(has_zones, attempts, NULL)) OVER {{ newest }} AS attempts,
    SUM(IF(has_zones, attempts, NULL)) OVER {{ newest_long }} AS long_attempts,
    COUNT(IF(has_zones, 1, NULL)) OVER {{ newest }} AS zone_games
    {%- for zone in zones %},
    SUM({{ zone }}_attempts) OVER {{ newest }} AS {{ zone }}_attempts, SUM({{ zone }}_makes) OVER {{ newest }} AS {{ zone }}_makes
    {%- endfor %},
    SUM(paint_attempts) OVER {{ newest_long }} AS long_paint_attempts, SUM(paint_makes) OVER {{ newest_long }} AS long_paint_makes
    {%- for kind in makes %},
    SUM({{ kind }}) OVER {{ newest }} AS {{ kind }}
    {%- endfor %}
  FROM shots
  {{ win.named_windows('history', (shot_zones.LONG_WINDOW,)) }}
),
{{- win.as_of('shooting', 'shot_games', win.newest()) }},
rated AS (
  SELECT member.as_of, member.entity_id, shooting.* EXCEPT (as_of, history), {{ win.completeness() }},
    DATE_DIFF(member.as_of, shooting.game_date, DAY) AS days_since_last_game
    {%- for zone in zones %},
    SAFE_DIVIDE(100 * shooting.{{ zone }}_attempts, shooting.attempts) AS {{ zone }}_rate
    {%- endfor %},
    {{ pop.failure([
      ('AMBIGUOUS_PLAYER', 'member.is_ambiguous', pop.ambiguous_player),
      ('NO_PRIOR_GAMES', 'shooting.history IS NULL', pop.no_prior_games)]) }}
  FROM known_people AS member
  LEFT JOIN shooting ON shooting.as_of = member.as_of AND shooting.history = member.history
  LEFT JOIN coverage ON coverage.as_of = member.as_of AND coverage.team_abbr = shooting.team_abbr
)
SELECT
  as_of AS analysis_date, entity_id AS player_lookup, team_abbr, game_date AS last_game_date, days_since_last_game
  {%- for zone in zones %},
  {{ zone }}_rate AS {{ zone }}_rate_last_10, SAFE_DIVIDE({{ zone }}_makes, {{ zone }}_attempts) AS {{ zone }}_pct_last_10,
  SAFE_DIVIDE({{ zone }}_attempts, zone_games) AS {{ zone }}_attempts_per_game
  {%- endfor %},
  attempts AS total_shots_last_10, zone_games AS zone_games_10,
  SAFE_DIVIDE(100 * assisted_fg_makes, fg_makes) AS assisted_rate_last_10,
  SAFE_DIVIDE(100 * unassisted_fg_makes, fg_makes) AS unassisted_rate_last_10,
  {{ if_long('SAFE_DIVIDE(100 * long_paint_attempts, long_attempts)') }} AS paint_rate_last_20,
  {{ if_long('SAFE_DIVIDE(long_paint_makes, long_paint_attempts)') }} AS paint_pct_last_20,
  games_in_sample AS games_in_sample_10, {{ if_long('long_games') }} AS games_in_sample_20,
  {{ math.tier_of('games_in_sample', shot_zones.SAMPLE_QUALITY) }} AS sample_quality_10,
  {{ math.tier_of('long_games', shot_zones.LONG_SAMPLE_QUALITY) }} AS sample_quality_20,
  CASE
    {%- for zone, lowest in shot_zones.PRIMARY_ZONE_RATES %}
    WHEN {{ math.exact(zone ~ '_rate') }} >= {{ lowest }} THEN '{{ zone_labels[zone] }}'
    {%- endfor %}
    WHEN paint_rate IS NOT NULL THEN 'balanced' END AS primary_scoring_zone,
  {{ math.tier_of('games_in_sample', shot_zones.DATA_QUALITY_TIERS) }} AS data_quality_tier,
  {{- win.quality(issues=[
    ('stale_player', win.is_stale('days_since_last_game')),
    ('zone_data_missing', 'zone_games < games_in_sample')]) }},
  failure_reason, failure_detail
FROM rated
