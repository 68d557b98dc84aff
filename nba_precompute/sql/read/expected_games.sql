{#- The newest games of a team's schedule before the run's dates, and what each source has of them (contract, section 3). -#}
{%- import 'macros/arithmetic.sql' as a with context -%}
{%- import 'macros/sources.sql' as s with context -%}
{%- import 'macros/windows.sql' as w with context -%}
WITH
{{- s.calendar() }}, {{- s.played() }}, {{- s.facts(sources.team_offense_game_summary) }}, {{- s.facts(sources.team_defense_game_summary) }},
{{- w.game_coverage() }},
{{- w.as_of('expected', 'game_coverage') }},
box_score_sums AS (
  SELECT game_date, team_abbr, COUNT(*) AS players, {{ a.total('minutes_played') }} AS minutes_known, SUM(points) AS points
  FROM played
  GROUP BY game_date, team_abbr
)
SELECT e.game_date, {{ w.is_covered() }} AS is_covered,
  e.in_player_game_summary, e.in_team_offense_game_summary, e.in_team_defense_game_summary,
  CAST(COALESCE(b.players, 0) AS INT64) AS players, b.minutes_known, CAST(b.points AS INT64) AS points, o.points_scored
FROM expected AS e
LEFT JOIN box_score_sums AS b ON b.game_date = e.game_date AND b.team_abbr = e.team_abbr
LEFT JOIN team_offense_game_summary AS o ON o.game_date = e.game_date AND o.team_abbr = e.team_abbr
WHERE e.team_abbr = {{ team | literal }}
ORDER BY e.game_date DESC
LIMIT {{ table.window }}
