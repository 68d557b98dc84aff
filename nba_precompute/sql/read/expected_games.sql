{#- The newest games of a team's schedule before the run's dates, and the sources that have them (contract, section 3). -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/windows.sql' as win with context -%}
WITH
{{- src.calendar_and_facts() }},
{{- win.game_coverage() }},
{{- win.as_of('expected', 'game_coverage') }},
box_score_sums AS (
  SELECT game_date, team_abbr, COUNT(*) AS players, {{ math.total('minutes_played') }} AS minutes_known, SUM(points) AS points
  FROM played
  GROUP BY game_date, team_abbr
)
SELECT expected.game_date, {{ win.is_covered() }} AS is_covered,
  expected.in_player_game_summary, expected.in_team_offense_game_summary, expected.in_team_defense_game_summary,
  CAST(COALESCE(box_score.players, 0) AS INT64) AS players, box_score.minutes_known,
  CAST(box_score.points AS INT64) AS points, offense.points_scored
FROM expected
LEFT JOIN box_score_sums AS box_score
  ON box_score.game_date = expected.game_date AND box_score.team_abbr = expected.team_abbr
LEFT JOIN team_offense_game_summary AS offense
  ON offense.game_date = expected.game_date AND offense.team_abbr = expected.team_abbr
WHERE expected.team_abbr = {{ team | literal }}
ORDER BY expected.game_date DESC
LIMIT {{ table.window }}
