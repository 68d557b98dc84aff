{#- The newest games of a team's schedule before the run's dates, each with the reason why it is not covered (contract, section 3). -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/windows.sql' as win with context -%}
WITH
{{- src.calendar_and_facts() }},
{{- win.game_coverage() }},
{{- win.as_of('expected', 'game_coverage') }}
SELECT game_date, {{ win.coverage_gap() }} AS gap
FROM expected
WHERE team_abbr = {{ team | literal }}
ORDER BY game_date DESC
LIMIT {{ table.window }}
