{#- Before anything is computed: what each date of the run would read, and what is published for it. Rows of
    (as_of, kind, name, ...); kinds: `games` (of the date), `season` (its schedule so far, its teams), `facts` (before the
    date), `context`, `schedule` (its rows up to the date), `unlisted` (teams of the slate without context), `upstream`,
    `arrived` (source rows of the date itself), `published`; per season `scheduled` and `sample` (simulated) games; per
    source `undated` rows. -#}
{%- import 'macros/arithmetic.sql' as a with context -%}
{%- import 'macros/sources.sql' as s with context -%}
{%- import 'macros/windows.sql' as w with context -%}
{%- import 'macros/daily.sql' as daily with context -%}
{%- import 'macros/content.sql' as c with context -%}
{%- set fact_sources = table.sources | reject('in', ['nbac_schedule', 'upcoming_player_game_context']) | list -%}
{#- One line of the answer; what a kind does not speak of is NULL. `found` says where its findings come from: none, the
    columns of a daily relation, or sums over them. -#}
{%- macro line(kind, name, row_count, fingerprint='CAST(NULL AS STRING)', ready_rows='CAST(NULL AS INT64)', failures='CAST(NULL AS INT64)', found='') -%}
'{{ kind }}' AS kind, {{ name }} AS name, CAST({{ row_count }} AS INT64) AS row_count, {{ fingerprint }} AS fingerprint, {{ ready_rows }} AS ready_rows, {{ failures }} AS failures
  {%- for finding in cleaning_kinds %},
  {%- if not found %} 0 AS {{ finding }}, CAST(NULL AS STRING) AS {{ finding }}_example
  {%- elif found == 'columns' %} CAST({{ finding }} AS INT64) AS {{ finding }}, {{ finding }}_example
  {%- else %} CAST(SUM({{ finding }}) AS INT64) AS {{ finding }}, MIN({{ finding }}_example) AS {{ finding }}_example
  {%- endif %}
  {%- endfor %}
{%- endmacro -%}
WITH
{{- s.calendar() }},
{{- daily.all(fact_sources, run.seasons_of('game_date')) }},
box_scores AS (SELECT * FROM daily WHERE name NOT IN ('nbac_schedule', 'upcoming_player_game_context')),
{{- w.as_of('facts', 'box_scores') }},
games AS (SELECT game_date, season, {{ fingerprint(['game_id', 'game_date', 'game_type', 'home_team_tricode', 'away_team_tricode']) }} AS fingerprint FROM schedule),
season_teams AS (SELECT season, {{ fingerprint(['team_abbr']) }} AS fingerprint FROM (SELECT DISTINCT season, team_abbr FROM team_schedule) AS teams)
{%- for name in table.upstreams %}, {{- c.content(tables[name], name ~ '_content') }}{% endfor %},
{{- c.content(table, 'published') }}
SELECT game_date AS as_of, {{ line('games', "'nbac_schedule'", 'COUNT(*)') }}
FROM schedule WHERE {{ run.dates_of('game_date') }} GROUP BY game_date
UNION ALL
SELECT d.as_of, {{ line('season', "'nbac_schedule'", 'COUNT(*)', 'CAST(SUM(g.fingerprint) AS STRING)') }}
FROM run_dates AS d JOIN games AS g ON g.season = d.season AND g.game_date <= d.as_of
GROUP BY d.as_of
UNION ALL
SELECT d.as_of, {{ line('season', "'season_teams'", 'COUNT(*)', 'CAST(SUM(t.fingerprint) AS STRING)') }}
FROM run_dates AS d JOIN season_teams AS t ON t.season = d.season
GROUP BY d.as_of
UNION ALL
SELECT d.as_of, {{ line('schedule', "'nbac_schedule'", 'SUM(source_rows)', found='sums') }}
FROM run_dates AS d JOIN daily AS g ON g.name = 'nbac_schedule' AND g.season = d.season AND g.game_date <= d.as_of
GROUP BY d.as_of
UNION ALL
SELECT MIN(game_date), {{ line('scheduled', 'CAST(season AS STRING)', 'COUNT(*)') }}
FROM schedule GROUP BY season
UNION ALL
SELECT MIN(game_date), {{ line('sample', 'CAST(season AS STRING)', "COUNT(IF(STARTS_WITH(game_id, '%s'), 1, NULL))" % sample_game_id_prefix) }}
FROM schedule GROUP BY season
UNION ALL
SELECT as_of, {{ line('facts', 'name', 'SUM(source_rows)', 'CAST(SUM(fingerprint) AS STRING)', found='sums') }}
FROM facts GROUP BY as_of, name
UNION ALL
SELECT game_date, {{ line('arrived', 'name', 'source_rows') }}
FROM daily WHERE name != 'nbac_schedule' AND {{ run.dates_of('game_date') }}
UNION ALL
SELECT game_date, {{ line('undated', 'name', 'source_rows') }}
FROM daily WHERE game_date IS NULL AND name IN ({% for name in table.sources %}'{{ name }}'{{ ', ' if not loop.last }}{% endfor %})
{%- if 'upcoming_player_game_context' in table.sources %}
UNION ALL
SELECT game_date, {{ line('context', 'name', 'source_rows', 'CAST(fingerprint AS STRING)', found='columns') }}
FROM daily WHERE name = 'upcoming_player_game_context' AND game_date IS NOT NULL
UNION ALL
SELECT t.game_date, {{ line('unlisted', "'upcoming_player_game_context'", 'COUNT(IF(k.team_abbr IS NULL, 1, NULL))') }}
FROM team_schedule AS t
LEFT JOIN (
  SELECT DISTINCT game_date, team_abbr FROM {{ relation(sources.upcoming_player_game_context) }} WHERE {{ run.dates_of('game_date') }}
) AS k ON k.game_date = t.game_date AND k.team_abbr = t.team_abbr
WHERE {{ run.dates_of('t.game_date') }}
GROUP BY t.game_date
{%- endif %}
{%- for name in table.upstreams %}
UNION ALL
SELECT as_of, {{ line('upstream', "'%s'" % name, 'published_rows + failures', 'CONCAT(content_hash, failures_hash)', 'ready_rows', 'failures') }}
FROM {{ name }}_content
{%- endfor %}
UNION ALL
SELECT as_of, {{ line('published', "'%s'" % table.name, 'published_rows', 'CONCAT(content_hash, failures_hash)', 'ready_rows', 'failures') }}
FROM published
