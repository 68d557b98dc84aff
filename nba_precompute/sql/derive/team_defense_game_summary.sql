{#- A row per side of a game with a box score of its opponent. Zones are known where the opponent's shots are exactly the field
    goals of its box score, and blocks by zone where they also are exactly the team's blocks. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/league.sql' as league_files with context -%}
WITH {{ league_files.basis() }},
{{- league_files.shots() }},
{{- league_files.totals() }},
shooting_teams AS (
  SELECT game_id, team_id, {{ league_files.zone_columns() }}
  FROM shots
  GROUP BY game_id, team_id
),
rows_of_games AS (
  SELECT side.*, opponent.points, {{ league_files.possessions('opponent') }} AS possessions,
    {{ league_files.pace('opponent') }} AS pace,
    shooting.attempts = opponent.fg_attempts AND shooting.makes = opponent.fg_makes AS has_zones,
    told_game.game_id IS NOT NULL AND shooting.blocked = total.blocks AS has_blocks,
    {%- for zone in zones %}
    shooting.{{ zone }}_attempts, shooting.{{ zone }}_makes, shooting.{{ zone }}_blocked,
    {%- endfor %}
    {{ league_files.newest_time('opponent.processed_at', 'shot_game.processed_at', 'told_game.processed_at') }} AS written_at
  FROM sides AS side
  JOIN totals AS opponent ON opponent.game_id = side.game_id AND opponent.team_id = side.opponent_id
  LEFT JOIN totals AS total ON total.game_id = side.game_id AND total.team_id = side.team_id
  LEFT JOIN shooting_teams AS shooting ON shooting.game_id = side.game_id AND shooting.team_id = side.opponent_id
  LEFT JOIN shot_games AS shot_game ON shot_game.game_id = side.game_id
  LEFT JOIN told_games AS told_game ON told_game.game_id = side.game_id
  WHERE side.game_date IS NOT NULL
)
SELECT team_abbr AS defending_team_abbr, opponent_abbr AS opponent_team_abbr, game_id, game_date, season_year,
  {%- for zone in zones %}
  IF(has_zones, {{ zone }}_attempts, NULL) AS opp_{{ zone }}_attempts,
  IF(has_zones, {{ zone }}_makes, NULL) AS opp_{{ zone }}_makes,
  {%- endfor %}
  IF(has_zones, 2 * paint_makes, NULL) AS points_in_paint_allowed,
  IF(has_zones, 2 * mid_range_makes, NULL) AS mid_range_points_allowed,
  IF(has_zones, 3 * three_pt_makes, NULL) AS three_pt_points_allowed,
  {%- for zone in zones %}
  IF(has_zones AND has_blocks, {{ zone }}_blocked, NULL) AS blocks_{{ zone }},
  {%- endfor %}
  points AS points_allowed, {{ math.rounded('SAFE_DIVIDE(100 * points, possessions)') }} AS defensive_rating,
  {{ math.rounded('pace') }} AS opponent_pace, written_at AS processed_at
FROM rows_of_games
