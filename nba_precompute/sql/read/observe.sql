{#- What stands in the sources, date by date: rows, fingerprint, what cleaning leaves out, and which teams of the slate the
    source covers. Rows of (name, game_date, ...); one with the name `season` per season that has a schedule. -#}
{%- import 'macros/arithmetic.sql' as a with context -%}
{%- import 'macros/sources.sql' as s with context -%}
{%- import 'macros/windows.sql' as w with context -%}
{%- import 'macros/daily.sql' as daily with context -%}
{%- set fact_sources = ('player_game_summary', 'team_defense_game_summary', 'team_offense_game_summary') -%}
{%- set covering = fact_sources + ('upcoming_player_game_context',) -%}
WITH
{{- s.calendar() }}, {{- s.played() }}, {{- s.facts(sources.team_offense_game_summary) }}, {{- s.facts(sources.team_defense_game_summary) }},
{{- w.game_coverage() }},
{{- daily.all(fact_sources, run.facts('game_date')) }},
listed AS (
  SELECT DISTINCT game_date, team_abbr FROM {{ relation(sources.upcoming_player_game_context) }} WHERE {{ run.dates_of('game_date') }}
),
sides AS (
  SELECT g.*, k.team_abbr IS NOT NULL AS in_upcoming_player_game_context
  FROM game_coverage AS g
  LEFT JOIN listed AS k ON k.game_date = g.game_date AND k.team_abbr = g.team_abbr
  WHERE {{ run.dates_of('g.game_date') }}
),
slates AS (
  {%- for name in covering %}
  SELECT '{{ name }}' AS name, game_date, COUNT(*) AS expected_teams, COUNT(IF(in_{{ name }}, 1, NULL)) AS covered_teams,
    STRING_AGG(IF(in_{{ name }}, NULL, team_abbr), ', ' ORDER BY team_abbr) AS uncovered_teams, CAST(NULL AS STRING) AS fingerprint
  FROM sides GROUP BY game_date
  UNION ALL
  {%- endfor %}
  {#- The status of a game changes every night and is read by nothing: what counts is which games there are. #}
  SELECT 'nbac_schedule', game_date, CAST(NULL AS INT64), CAST(NULL AS INT64), CAST(NULL AS STRING),
    CAST(SUM({{ fingerprint(['game_id', 'game_date', 'game_type', 'home_team_tricode', 'away_team_tricode']) }}) AS STRING)
  FROM schedule WHERE {{ run.dates_of('game_date') }} GROUP BY game_date
)
SELECT COALESCE(d.name, g.name) AS name, COALESCE(d.game_date, g.game_date) AS game_date,
  COALESCE(d.source_rows, 0) AS source_rows, COALESCE(g.expected_teams, 0) AS expected_teams, COALESCE(g.covered_teams, 0) AS covered_teams,
  COALESCE(g.uncovered_teams, '') AS uncovered_teams,
  COALESCE(IF(COALESCE(d.name, g.name) = 'nbac_schedule', g.fingerprint, CAST(d.fingerprint AS STRING)), '') AS fingerprint
  {%- for finding in cleaning_kinds %}, COALESCE(d.{{ finding }}, 0) AS {{ finding }}{% endfor %}
FROM (SELECT * FROM daily WHERE game_date IS NOT NULL) AS d
FULL JOIN slates AS g ON g.name = d.name AND g.game_date = d.game_date
UNION ALL
SELECT 'season', MIN(game_date), COUNT(*), 0, 0, '', '' {%- for finding in cleaning_kinds %}, 0{% endfor %}
FROM schedule GROUP BY season
