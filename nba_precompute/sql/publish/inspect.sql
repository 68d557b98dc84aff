{#- What each date of the run would read, and what is published for it. One row per record of `publishing/inspection_rows.py`,
    which `kind` names; columns that a record lacks are NULL, findings that it lacks are 0.
    Needs: run, relation, fingerprint, input_sources (names), season_teams (the name of that input), contents (tables). -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/windows.sql' as win with context -%}
{%- import 'macros/daily.sql' as daily with context -%}
{%- import 'macros/content.sql' as content with context -%}
{%- set schedule, context = sources.nbac_schedule.name, sources.upcoming_player_game_context.name -%}
{%- set fact_sources = input_sources | reject('in', [schedule, context]) | list -%}
{%- set game_columns = ['game_id', 'game_date', 'game_type', 'home_team_tricode', 'away_team_tricode'] -%}
{%- set is_sample = "STARTS_WITH(game_id, '%s')" % sample_game_id_prefix -%}
{%- set no_text, no_count = 'CAST(NULL AS STRING)', 'CAST(NULL AS INT64)' -%}
{#- The columns of one record after its date. `cleaning` says where its findings come from: nowhere, the `columns` of a
    daily relation, or `sums` over them. -#}
{%- macro record(kind, name, row_count, fingerprint=no_text, sample_games=no_count, ready_rows=no_count,
                 failures=no_count, cleaning='') -%}
'{{ kind }}' AS kind, {{ name }} AS name, CAST({{ row_count }} AS INT64) AS row_count, {{ fingerprint }} AS fingerprint,
  {{ sample_games }} AS sample_games, {{ ready_rows }} AS ready_rows, {{ failures }} AS failures
  {%- for finding in cleaning_kinds %},
  {%- if not cleaning %} 0 AS {{ finding }}, {{ no_text }} AS {{ finding }}_example
  {%- elif cleaning == 'columns' %} CAST({{ finding }} AS INT64) AS {{ finding }}, {{ finding }}_example
  {%- else %} CAST(SUM({{ finding }}) AS INT64) AS {{ finding }}, MIN({{ finding }}_example) AS {{ finding }}_example
  {%- endif %}
  {%- endfor %}
{%- endmacro -%}
WITH
{{- src.calendar() }},
{{- daily.all(fact_sources, run.seasons_of('game_date')) }},
box_scores AS (SELECT * FROM daily WHERE name NOT IN ('{{ schedule }}', '{{ context }}')),
{{- win.as_of('facts', 'box_scores') }},
games AS (
  SELECT game_date, season, {{ fingerprint(game_columns) }} AS fingerprint
  FROM schedule
),
season_teams AS (
  SELECT season, {{ fingerprint(['team_abbr']) }} AS fingerprint
  FROM (SELECT DISTINCT season, team_abbr FROM team_schedule) AS teams
)
{%- for table in contents %}, {{- content.of(table, table.name ~ '_content') }}{% endfor %}
SELECT game_date AS as_of, {{ record('scheduled_date', "'%s'" % schedule, 'COUNT(*)') }}
FROM schedule WHERE {{ run.dates_of('game_date') }} GROUP BY game_date
UNION ALL
SELECT MIN(game_date), {{ record('scheduled_season', "'%s'" % schedule, 'COUNT(*)', sample_games='COUNT(IF(%s, 1, NULL))' % is_sample) }}
FROM schedule GROUP BY season
UNION ALL
SELECT run_date.as_of, {{ record('input', "'%s'" % schedule, 'COUNT(*)', 'CAST(SUM(game.fingerprint) AS STRING)') }}
FROM run_dates AS run_date JOIN games AS game ON game.season = run_date.season AND game.game_date <= run_date.as_of
GROUP BY run_date.as_of
UNION ALL
SELECT run_date.as_of, {{ record('input', "'%s'" % season_teams, 'COUNT(*)', 'CAST(SUM(team.fingerprint) AS STRING)') }}
FROM run_dates AS run_date JOIN season_teams AS team ON team.season = run_date.season
GROUP BY run_date.as_of
UNION ALL
SELECT as_of, {{ record('input', 'name', 'SUM(source_rows)', 'CAST(SUM(fingerprint) AS STRING)', cleaning='sums') }}
FROM facts GROUP BY as_of, name
UNION ALL
{#- The schedule's rows as they are in the source: the input above counts the games that cleaning has left. #}
SELECT run_date.as_of, {{ record('cleaning', "'%s'" % schedule, 'SUM(source_rows)', cleaning='sums') }}
FROM run_dates AS run_date
JOIN daily ON daily.name = '{{ schedule }}' AND daily.season = run_date.season AND daily.game_date <= run_date.as_of
GROUP BY run_date.as_of
UNION ALL
SELECT game_date, {{ record('undated', 'name', 'source_rows') }}
FROM daily WHERE game_date IS NULL
UNION ALL
SELECT game_date, {{ record('arrivals', 'name', 'source_rows') }}
FROM daily WHERE name != '{{ schedule }}' AND {{ run.dates_of('game_date') }}
{%- if context in input_sources %}
UNION ALL
SELECT game_date, {{ record('input', 'name', 'source_rows', 'CAST(fingerprint AS STRING)', cleaning='columns') }}
FROM daily WHERE name = '{{ context }}' AND game_date IS NOT NULL
UNION ALL
SELECT side.game_date, {{ record('unlisted_teams', "'%s'" % context, 'COUNT(IF(listed.team_abbr IS NULL, 1, NULL))') }}
FROM team_schedule AS side
LEFT JOIN (
  SELECT DISTINCT game_date, team_abbr FROM {{ relation(sources[context]) }} WHERE {{ run.dates_of('game_date') }}
) AS listed ON listed.game_date = side.game_date AND listed.team_abbr = side.team_abbr
WHERE {{ run.dates_of('side.game_date') }}
GROUP BY side.game_date
{%- endif %}
{%- for table in contents %}
UNION ALL
SELECT as_of, {{ record('content', "'%s'" % table.name, 'published_rows', 'CONCAT(content_hash, failures_hash)',
                        ready_rows='ready_rows', failures='failures') }}
FROM {{ table.name }}_content
{%- endfor %}
