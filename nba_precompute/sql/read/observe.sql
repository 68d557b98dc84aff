{#- The contents of the sources per date: rows, fingerprint, what cleaning finds, and which teams of the slate the source
    covers. Rows of (name, game_date, ...); one with the name `season` per season that has a schedule. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/windows.sql' as win with context -%}
{%- import 'macros/daily.sql' as daily with context -%}
{%- set fact_sources = ('player_game_summary', 'team_defense_game_summary', 'team_offense_game_summary') -%}
{%- set covering = fact_sources + ('upcoming_player_game_context',) -%}
{%- set game_columns = ['game_id', 'game_date', 'game_type', 'home_team_tricode', 'away_team_tricode'] -%}
WITH
{{- src.calendar_and_facts() }},
{{- win.game_coverage() }},
{{- daily.all(fact_sources, run.facts('game_date')) }},
listed AS (
  SELECT DISTINCT game_date, team_abbr
  FROM {{ relation(sources.upcoming_player_game_context) }}
  WHERE {{ run.dates_of('game_date') }}
),
sides AS (
  SELECT side.*, listed.team_abbr IS NOT NULL AS in_upcoming_player_game_context
  FROM game_coverage AS side
  LEFT JOIN listed ON listed.game_date = side.game_date AND listed.team_abbr = side.team_abbr
  WHERE {{ run.dates_of('side.game_date') }}
),
slates AS (
  {%- for name in covering %}
  SELECT '{{ name }}' AS name, game_date, COUNT(*) AS expected_teams, COUNT(IF(in_{{ name }}, 1, NULL)) AS covered_teams,
    STRING_AGG(IF(in_{{ name }}, NULL, team_abbr), ', ' ORDER BY team_abbr) AS uncovered_teams,
    CAST(NULL AS STRING) AS fingerprint
  FROM sides GROUP BY game_date
  UNION ALL
  {%- endfor %}
  {#- The status of a game changes every night and enters no row: only the games themselves enter the fingerprint. #}
  SELECT 'nbac_schedule', game_date, CAST(NULL AS INT64), CAST(NULL AS INT64), CAST(NULL AS STRING),
    CAST(SUM({{ fingerprint(game_columns) }}) AS STRING)
  FROM schedule WHERE {{ run.dates_of('game_date') }} GROUP BY game_date
)
SELECT COALESCE(daily.name, slate.name) AS name, COALESCE(daily.game_date, slate.game_date) AS game_date,
  COALESCE(daily.source_rows, 0) AS source_rows,
  COALESCE(slate.expected_teams, 0) AS expected_teams, COALESCE(slate.covered_teams, 0) AS covered_teams,
  COALESCE(slate.uncovered_teams, '') AS uncovered_teams,
  COALESCE(
    IF(COALESCE(daily.name, slate.name) = 'nbac_schedule', slate.fingerprint, CAST(daily.fingerprint AS STRING)), ''
  ) AS fingerprint
  {%- for kind in cleaning_kinds %}, COALESCE(daily.{{ kind }}, 0) AS {{ kind }}{% endfor %}
FROM (SELECT * FROM daily WHERE game_date IS NOT NULL) AS daily
FULL JOIN slates AS slate ON slate.name = daily.name AND slate.game_date = daily.game_date
UNION ALL
SELECT 'season', MIN(game_date), COUNT(*), 0, 0, '', '' {%- for kind in cleaning_kinds %}, 0{% endfor %}
FROM schedule GROUP BY season
