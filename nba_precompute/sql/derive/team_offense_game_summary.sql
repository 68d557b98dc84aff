{#- A row per side of a game with a box score. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/league.sql' as league_files with context -%}
WITH {{ league_files.basis() }},
{{- league_files.shots() }},
{{- league_files.totals() }}
SELECT side.team_abbr, side.opponent_abbr AS opponent_team_abbr, side.game_id, side.game_date, side.season_year,
  total.points AS points_scored, {{ math.rounded(league_files.possessions('total')) }} AS possessions,
  {{ math.rounded(league_files.pace('total')) }} AS pace,
  {{ math.rounded('SAFE_DIVIDE(100 * total.points, %s)' % league_files.possessions('total')) }} AS offensive_rating,
  total.points > opponent.points AS win_flag, total.processed_at
FROM totals AS total
JOIN sides AS side ON side.game_id = total.game_id AND side.team_id = total.team_id
LEFT JOIN totals AS opponent ON opponent.game_id = total.game_id AND opponent.team_id = side.opponent_id
WHERE side.game_date IS NOT NULL
