{#- What each date of the run would read, and what is published for it. One row per record of `publishing/inspection_rows.py`,
    which `kind` names; columns that a record lacks are NULL.
    Needs: run, relation, fingerprint, input_sources (names), season_teams (the name of that input), contents (tables). -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/windows.sql' as win with context -%}
{%- import 'macros/daily.sql' as daily with context -%}
{%- import 'macros/content.sql' as content with context -%}
{%- set schedule, context = sources.nbac_schedule, sources.upcoming_player_game_context -%}
{%- set reads_context = context.name in input_sources -%}
{%- set facts = sources.values() | selectattr('name', 'in', input_sources) | reject('in', [schedule, context]) | list -%}
{%- set inspected = [schedule] + facts + [context] -%}
{%- set fact_names = facts | map(attribute='name') | map('literal') | join(', ') -%}
{%- set game_columns = ['game_id', 'game_date', 'game_type', 'home_team_tricode', 'away_team_tricode'] -%}
{%- set undated = ' OR game_date IS NULL' -%}
{%- set is_sample = "STARTS_WITH(game_id, '%s')" % sample_game_id_prefix -%}
{%- set no_text, no_count = 'CAST(NULL AS STRING)', 'CAST(NULL AS INT64)' -%}
{#- The columns of one record after its date. -#}
{%- macro record(kind, name, row_count, fingerprint=no_text, sample_games=no_count, ready_rows=no_count, failures=no_count,
                 finding=no_text, example=no_text) -%}
'{{ kind }}' AS kind, {{ name }} AS name, CAST({{ row_count }} AS INT64) AS row_count, {{ fingerprint }} AS fingerprint,
  {{ sample_games }} AS sample_games, {{ ready_rows }} AS ready_rows, {{ failures }} AS failures, {{ finding }} AS finding_kind,
  {{ example }} AS example
{%- endmacro -%}
WITH
{{- src.calendar(undated) }}
{%- for source in facts %}, {{- src.rows_of(source, run.facts('game_date') ~ undated) }}{% endfor %}
, {{- src.rows_of(context, run.dates_of('game_date') ~ undated) }},
{{- daily.daily(inspected) }}, {{- daily.findings(inspected) }},
box_scores AS (SELECT * FROM daily WHERE name IN ({{ fact_names }})),
box_score_findings AS (SELECT * FROM findings WHERE name IN ({{ fact_names }})),
{{- win.as_of('facts', 'box_scores') }}, {{- win.as_of('fact_findings', 'box_score_findings') }},
games AS (
  SELECT game_date, season, {{ fingerprint(game_columns) }} AS fingerprint
  FROM schedule
),
season_teams AS (
  SELECT season, {{ fingerprint(['team_abbr']) }} AS fingerprint
  FROM (SELECT DISTINCT season, team_abbr FROM team_schedule) AS teams
)
{%- for table in contents %}, {{- content.of(table, table.name ~ '_content') }}{% endfor %}
SELECT game_date AS as_of, {{ record('scheduled_date', "'%s'" % schedule.name, 'COUNT(*)') }}
FROM schedule WHERE {{ run.dates_of('game_date') }} GROUP BY game_date
UNION ALL
SELECT MIN(game_date), {{ record('scheduled_season', "'%s'" % schedule.name, 'COUNT(*)',
                                 sample_games='COUNT(IF(%s, 1, NULL))' % is_sample) }}
FROM schedule GROUP BY season
UNION ALL
SELECT run_date.as_of, {{ record('input', "'%s'" % schedule.name, 'COUNT(*)', 'CAST(SUM(game.fingerprint) AS STRING)') }}
FROM run_dates AS run_date JOIN games AS game ON game.season = run_date.season AND game.game_date <= run_date.as_of
GROUP BY run_date.as_of
UNION ALL
SELECT run_date.as_of, {{ record('input', "'%s'" % season_teams, 'COUNT(*)', 'CAST(SUM(team.fingerprint) AS STRING)') }}
FROM run_dates AS run_date JOIN season_teams AS team ON team.season = run_date.season
GROUP BY run_date.as_of
UNION ALL
SELECT as_of, {{ record('input', 'name', 'SUM(admitted_rows)', 'CAST(SUM(admitted_fingerprint) AS STRING)') }}
FROM facts GROUP BY as_of, name HAVING SUM(admitted_rows) > 0
UNION ALL
SELECT as_of, {{ record('box_score_rows', "''", 'SUM(source_rows)') }}
FROM facts GROUP BY as_of
UNION ALL
SELECT finding.as_of, {{ record('finding', 'finding.name', 'SUM(finding.amount)', finding='finding.kind',
                                example='MIN(finding.example)') }}
FROM fact_findings AS finding GROUP BY finding.as_of, finding.name, finding.kind
UNION ALL
{#- Of the schedule up to the date. #}
SELECT run_date.as_of, {{ record('finding', 'finding.name', 'SUM(finding.amount)', finding='finding.kind',
                                 example='MIN(finding.example)') }}
FROM run_dates AS run_date
JOIN findings AS finding
  ON finding.name = '{{ schedule.name }}' AND finding.season = run_date.season AND finding.game_date <= run_date.as_of
GROUP BY run_date.as_of, finding.name, finding.kind
UNION ALL
{#- Of the context of the date; of a date without a game that counts, those of every source; and of rows without a date. #}
SELECT finding.game_date, {{ record('finding', 'finding.name', 'finding.amount', finding='finding.kind',
                                    example='finding.example') }}
FROM findings AS finding
LEFT JOIN run_dates AS run_date ON run_date.as_of = finding.game_date
WHERE finding.game_date IS NULL
  OR ({{ run.dates_of('finding.game_date') }} AND (run_date.as_of IS NULL OR finding.name = '{{ context.name }}'))
{%- if reads_context %}
UNION ALL
SELECT game_date, {{ record('input', 'name', 'admitted_rows', 'CAST(admitted_fingerprint AS STRING)') }}
FROM daily JOIN run_dates AS run_date ON run_date.as_of = game_date WHERE name = '{{ context.name }}' AND admitted_rows > 0
UNION ALL
SELECT side.game_date, {{ record('unlisted_teams', "'%s'" % context.name, 'COUNT(IF(listed.team_abbr IS NULL, 1, NULL))') }}
FROM team_schedule AS side
LEFT JOIN (SELECT DISTINCT game_date, team_abbr FROM {{ context.name }}_rows) AS listed
  ON listed.game_date = side.game_date AND listed.team_abbr = side.team_abbr
WHERE {{ run.dates_of('side.game_date') }}
GROUP BY side.game_date
{%- endif %}
{%- for table in contents %}
UNION ALL
SELECT as_of, {{ record('content', "'%s'" % table.name, 'published_rows', 'CONCAT(content_hash, failures_hash)',
                        ready_rows='ready_rows', failures='failures') }}
FROM {{ table.name }}_content
{%- endfor %}
