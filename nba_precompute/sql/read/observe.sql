{#- What the sources have per date. One row per record of `sources/observation.py`, which `kind` names:
      date          a source on a date: its rows, the teams of the slate, and a fingerprint
      uncovered     a team of the slate that the source does not cover, with the reason
      finding       what admission or cleaning found, with the number of rows and an example
      short_window  a team with too few covered games in its window; `name` is the scope
      newest_day    a side of the newest game date before the date that is not covered, with the reason
      lost_joins    listed players without an earlier box score, `amount` of `total`, with an example
      season        a season that has a schedule -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/people.sql' as people with context -%}
{%- import 'macros/windows.sql' as win with context -%}
{%- import 'macros/complete.sql' as complete with context -%}
{%- import 'macros/daily.sql' as daily with context -%}
{%- set schedule, context = sources.nbac_schedule, sources.upcoming_player_game_context -%}
{%- set covering = sources.values() | reject('equalto', schedule) | list -%}
{%- set game_columns = schedule.column_names | reject('equalto', 'game_status') | list -%}
{%- set no_text, no_count = 'CAST(NULL AS STRING)', 'CAST(NULL AS INT64)' -%}
{%- macro record(kind, name, item=no_text, text=no_text, amount=no_count, total=no_count, fingerprint=no_text, is_waived='FALSE') -%}
'{{ kind }}' AS kind, {{ name }} AS name, {{ item }} AS item, {{ text }} AS text, {{ amount }} AS amount, {{ total }} AS total,
  {{ fingerprint }} AS fingerprint, {{ is_waived }} AS is_waived
{%- endmacro -%}
WITH
{{- src.calendar_and_facts() }}, {{- src.context() }}, {{- people.identities() }}, {{- people.newest_keys() }},
{{- win.game_coverage() }}, {{- complete.passing_sides() }}, {{- complete.short_windows(scopes) }},
{{- complete.newest_day() }},
{{- complete.lost_joins() }},
{{- daily.daily(sources.values()) }}, {{- daily.findings(sources.values()) }},
listed AS (SELECT DISTINCT game_date, team_abbr FROM upcoming_player_game_context_rows),
sides AS (
  SELECT side.*, IF(listed.team_abbr IS NULL, 'no player listed', NULL) AS upcoming_player_game_context_gap
  FROM passing_sides AS side
  LEFT JOIN listed ON listed.game_date = side.game_date AND listed.team_abbr = side.team_abbr
  WHERE {{ run.dates_of('side.game_date') }}
),
slates AS (
  {%- for source in covering %}
  SELECT '{{ source.name }}' AS name, game_date, COUNT(*) AS expected_teams, CAST(NULL AS STRING) AS fingerprint
  FROM sides GROUP BY game_date
  UNION ALL
  {%- endfor %}
  {#- The status of a game changes every night and enters no row: only whether the game takes place enters the fingerprint,
      and of several rows of a game, which one counts. #}
  SELECT '{{ schedule.name }}', game_date, NULL, CAST(SUM(fingerprint) AS STRING)
  FROM (
    SELECT game_date, {{ fingerprint(game_columns + ['takes_place']) }} AS fingerprint
    FROM (SELECT *, game_status IS DISTINCT FROM 4 AS takes_place FROM {{ schedule.name }}_classified) AS games
    WHERE {{ run.dates_of('game_date') }}
    UNION ALL
    SELECT game_date, {{ fingerprint(['game_id']) }} FROM effective_games WHERE {{ run.dates_of('game_date') }}
  ) AS fingerprints
  GROUP BY game_date
)
SELECT COALESCE(daily.game_date, slate.game_date) AS game_date,
  {{ record('date', 'COALESCE(daily.name, slate.name)', amount='COALESCE(daily.source_rows, 0)',
            total='COALESCE(slate.expected_teams, 0)',
            fingerprint="IF(COALESCE(daily.name, slate.name) = '%s', slate.fingerprint, %s)" % (
              schedule.name, 'CAST(daily.fingerprint AS STRING)')) }}
FROM (SELECT * FROM daily WHERE {{ run.dates_of('game_date') }}) AS daily
FULL JOIN slates AS slate ON slate.name = daily.name AND slate.game_date = daily.game_date
{%- for source in covering %}
UNION ALL
SELECT game_date, {{ record('uncovered', "'%s'" % source.name, 'team_abbr', source.name ~ '_gap',
                            is_waived='FALSE' if source is sameas context else 'is_waived') }}
FROM sides WHERE {{ source.name }}_gap IS NOT NULL
{%- endfor %}
UNION ALL
SELECT finding.game_date, {{ record('finding', 'finding.name', 'finding.kind', 'finding.example', 'finding.amount') }}
FROM findings AS finding WHERE {{ run.dates_of('finding.game_date') }}
UNION ALL
SELECT as_of, {{ record('short_window', 'scope', 'team_abbr', amount='passing', total='expected') }}
FROM short_windows
UNION ALL
SELECT day.as_of, {{ record('newest_day', "''", 'side.team_abbr', "CONCAT('on ', CAST(side.game_date AS STRING), ': ', side.gap)") }}
FROM newest_day AS day JOIN passing_sides AS side ON side.game_date = day.game_date WHERE NOT side.passes
UNION ALL
SELECT as_of, {{ record('lost_joins', "''", 'example', amount='lost', total='listed') }}
FROM lost_joins
UNION ALL
SELECT MIN(game_date), {{ record('season', "''", amount='COUNT(*)') }}
FROM schedule GROUP BY season
