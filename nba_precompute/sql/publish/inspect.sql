{#- Before anything is computed: what each date of the run would read, and what is published for it. Rows of
    (as_of, kind, name, ...); kinds: `games` (of the date), `season` (its schedule so far, its teams), `facts` (before the
    date), `context`, `schedule` (its rows up to the date), `unlisted` (teams of the slate without context), `upstream`,
    `arrived` (source rows of the date itself), `published`; per season `scheduled` and `sample` (simulated) games; per
    source `undated` rows. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/windows.sql' as win with context -%}
{%- import 'macros/daily.sql' as daily with context -%}
{%- import 'macros/content.sql' as content with context -%}
{%- set fact_sources = table.sources | reject('in', ['nbac_schedule', 'upcoming_player_game_context']) | list -%}
{%- set game_columns = ['game_id', 'game_date', 'game_type', 'home_team_tricode', 'away_team_tricode'] -%}
{%- set is_sample = "STARTS_WITH(game_id, '%s')" % sample_game_id_prefix -%}
{#- One line of the answer; what a kind does not carry is NULL. `found` names the origin of its cleaning findings: none, the
    columns of a daily relation, or sums over them. -#}
{%- macro line(kind, name, row_count, fingerprint='CAST(NULL AS STRING)', ready_rows='CAST(NULL AS INT64)',
               failures='CAST(NULL AS INT64)', found='') -%}
'{{ kind }}' AS kind, {{ name }} AS name, CAST({{ row_count }} AS INT64) AS row_count, {{ fingerprint }} AS fingerprint,
  {{ ready_rows }} AS ready_rows, {{ failures }} AS failures
  {%- for finding in cleaning_kinds %},
  {%- if not found %} 0 AS {{ finding }}, CAST(NULL AS STRING) AS {{ finding }}_example
  {%- elif found == 'columns' %} CAST({{ finding }} AS INT64) AS {{ finding }}, {{ finding }}_example
  {%- else %} CAST(SUM({{ finding }}) AS INT64) AS {{ finding }}, MIN({{ finding }}_example) AS {{ finding }}_example
  {%- endif %}
  {%- endfor %}
{%- endmacro -%}
{%- macro published_line(kind, name, row_count) -%}
{{ line(kind, "'%s'" % name, row_count, 'CONCAT(content_hash, failures_hash)', 'ready_rows', 'failures') }}
{%- endmacro -%}
WITH
{{- src.calendar() }},
{{- daily.all(fact_sources, run.seasons_of('game_date')) }},
box_scores AS (SELECT * FROM daily WHERE name NOT IN ('nbac_schedule', 'upcoming_player_game_context')),
{{- win.as_of('facts', 'box_scores') }},
games AS (SELECT game_date, season, {{ fingerprint(game_columns) }} AS fingerprint FROM schedule),
season_teams AS (
  SELECT season, {{ fingerprint(['team_abbr']) }} AS fingerprint
  FROM (SELECT DISTINCT season, team_abbr FROM team_schedule) AS teams
)
{%- for name in table.upstreams %}, {{- content.of(tables[name], name ~ '_content') }}{% endfor %},
{{- content.of(table, 'published') }}
SELECT game_date AS as_of, {{ line('games', "'nbac_schedule'", 'COUNT(*)') }}
FROM schedule WHERE {{ run.dates_of('game_date') }} GROUP BY game_date
UNION ALL
SELECT run_date.as_of, {{ line('season', "'nbac_schedule'", 'COUNT(*)', 'CAST(SUM(game.fingerprint) AS STRING)') }}
FROM run_dates AS run_date JOIN games AS game ON game.season = run_date.season AND game.game_date <= run_date.as_of
GROUP BY run_date.as_of
UNION ALL
SELECT run_date.as_of, {{ line('season', "'season_teams'", 'COUNT(*)', 'CAST(SUM(team.fingerprint) AS STRING)') }}
FROM run_dates AS run_date JOIN season_teams AS team ON team.season = run_date.season
GROUP BY run_date.as_of
UNION ALL
SELECT run_date.as_of, {{ line('schedule', "'nbac_schedule'", 'SUM(source_rows)', found='sums') }}
FROM run_dates AS run_date
JOIN daily ON daily.name = 'nbac_schedule' AND daily.season = run_date.season AND daily.game_date <= run_date.as_of
GROUP BY run_date.as_of
UNION ALL
SELECT MIN(game_date), {{ line('scheduled', 'CAST(season AS STRING)', 'COUNT(*)') }}
FROM schedule GROUP BY season
UNION ALL
SELECT MIN(game_date), {{ line('sample', 'CAST(season AS STRING)', 'COUNT(IF(%s, 1, NULL))' % is_sample) }}
FROM schedule GROUP BY season
UNION ALL
SELECT as_of, {{ line('facts', 'name', 'SUM(source_rows)', 'CAST(SUM(fingerprint) AS STRING)', found='sums') }}
FROM facts GROUP BY as_of, name
UNION ALL
SELECT game_date, {{ line('arrived', 'name', 'source_rows') }}
FROM daily WHERE name != 'nbac_schedule' AND {{ run.dates_of('game_date') }}
UNION ALL
SELECT game_date, {{ line('undated', 'name', 'source_rows') }}
FROM daily
WHERE game_date IS NULL AND name IN ({% for name in table.sources %}'{{ name }}'{{ ', ' if not loop.last }}{% endfor %})
{%- if 'upcoming_player_game_context' in table.sources %}
UNION ALL
SELECT game_date, {{ line('context', 'name', 'source_rows', 'CAST(fingerprint AS STRING)', found='columns') }}
FROM daily WHERE name = 'upcoming_player_game_context' AND game_date IS NOT NULL
UNION ALL
SELECT side.game_date, {{ line('unlisted', "'upcoming_player_game_context'", 'COUNT(IF(listed.team_abbr IS NULL, 1, NULL))') }}
FROM team_schedule AS side
LEFT JOIN (
  SELECT DISTINCT game_date, team_abbr
  FROM {{ relation(sources.upcoming_player_game_context) }}
  WHERE {{ run.dates_of('game_date') }}
) AS listed ON listed.game_date = side.game_date AND listed.team_abbr = side.team_abbr
WHERE {{ run.dates_of('side.game_date') }}
GROUP BY side.game_date
{%- endif %}
{%- for name in table.upstreams %}
UNION ALL
SELECT as_of, {{ published_line('upstream', name, 'published_rows + failures') }}
FROM {{ name }}_content
{%- endfor %}
UNION ALL
SELECT as_of, {{ published_line('published', table.name, 'published_rows') }}
FROM published
