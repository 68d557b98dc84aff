{#- The sides of the scheduled games of the run's dates, and of one team in their seasons: the gap in the coverage (NULL where it
    is covered; of later dates always one, because their box scores are not read). -#}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/windows.sql' as win with context -%}
WITH
{{- src.calendar_and_facts() }}, {{- win.game_coverage() }}
SELECT game_date, team_abbr, {{ win.coverage_gap() }} AS gap
FROM game_coverage
WHERE {{ run.dates_of('game_date') }} OR team_abbr = {{ team | literal }}
ORDER BY game_date, team_abbr
