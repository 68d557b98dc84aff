{#- The only place that reads a source table: cleaned, without NULL keys, one row per key (contract, section 2).
    `run` gives the literal bounds of the dates that may be read. -#}
{%- import 'macros/arithmetic.sql' as a with context -%}

{#- Whether the rows of a key are several people: an unknown identity is no other one. -#}
{%- macro several_people(source) -%}
{{ 'COALESCE(MIN(%s) < MAX(%s), FALSE)' % (source.identity, source.identity) if source.identity else 'FALSE' }}
{%- endmacro -%}

{#- Every row with a key inside `bounds`, cleaned; and the keys that have several rows, which may be several people. -#}
{%- macro rows_of(source, bounds) %}
{{ source.name }}_rows AS (
  SELECT {% for column in source.columns %}{% if column.type == 'FLOAT64' %}{{ a.finite(column.name) }} AS {% endif %}{{ column.name }}, {% endfor %}
    {{ a.season_of(source.date_column) }} AS season
  FROM {{ relation(source) }}
  WHERE {{ bounds }}{% for column in source.key if column != source.date_column %} AND {{ column }} IS NOT NULL{% endfor %}
),
{{ source.name }}_repeated AS (
  SELECT {{ source.key | join(', ') }}, {{ several_people(source) }} AS is_ambiguous
  FROM {{ source.name }}_rows
  GROUP BY {{ source.key | join(', ') }}
  HAVING COUNT(*) > 1
)
{%- endmacro -%}

{#- One row per key: the newest processed_at, then the larger hash of the declared columns (which
    rounds, so the floats themselves settle the rest). Only repeated keys are ranked. -#}
{%- macro one_per_key(source) %}
{%- macro matches() %}{% for column in source.key %}k.{{ column }} = r.{{ column }}{{ ' AND ' if not loop.last }}{% endfor %}{% endmacro %}
{{ source.name }} AS (
  SELECT r.*
  FROM {{ source.name }}_rows AS r
  LEFT JOIN {{ source.name }}_repeated AS k ON {{ matches() }}
  WHERE k.{{ source.key[0] }} IS NULL
  UNION ALL
  SELECT r.*
  FROM {{ source.name }}_rows AS r
  JOIN {{ source.name }}_repeated AS k ON {{ matches() }}
  WHERE NOT k.is_ambiguous
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY {% for column in source.key %}r.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    ORDER BY r.processed_at DESC, {{ a.hash_of(source.columns | rejectattr('name', 'equalto', 'processed_at') | list, 'r.') }} DESC
      {%- for column in source.columns if column.type == 'FLOAT64' %}, r.{{ column.name }} DESC{% endfor %}
  ) = 1
)
{%- endmacro -%}

{%- macro facts(source) %}{{ rows_of(source, run.facts(source.date_column)) }}, {{- one_per_key(source) }}{% endmacro -%}
{%- macro context() %}{{ rows_of(sources.upcoming_player_game_context, run.dates_of('game_date')) }}, {{- one_per_key(sources.upcoming_player_game_context) }}{% endmacro -%}

{#- The one definition of a played game (contract, section 1). -#}
{%- macro is_played() -%}
is_dnp IS NOT TRUE AND is_active IS NOT FALSE
    AND (minutes_played > 0 OR (minutes_played IS NULL AND (fg_attempts > 0 OR ft_attempts > 0 OR points > 0)))
{%- endmacro -%}

{#- The seasons' schedules: one row per game that counts, postponed and cancelled rows left out first; then the
    furthest status, then the latest date. `run_dates` are the run's dates that have a game. -#}
{%- macro calendar() %}
schedule AS (
  SELECT *
  FROM (
    SELECT game_id, game_date, game_type, game_status, home_team_tricode, away_team_tricode,
      {{ a.season_of('game_date') }} AS season
    FROM {{ relation(sources.nbac_schedule) }}
    WHERE {{ run.seasons_of('game_date') }} AND game_id IS NOT NULL AND game_status IS DISTINCT FROM 4
      AND game_type IN ({% for type in counting_game_types %}'{{ type }}'{{ ', ' if not loop.last }}{% endfor %})
  ) AS games
  WHERE TRUE  -- GoogleSQL wants a WHERE beside a QUALIFY
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY season, game_id
    ORDER BY game_status DESC, game_date DESC, home_team_tricode DESC, away_team_tricode DESC
  ) = 1
),
team_schedule AS (
  SELECT game_date, season, team_abbr, MAX(IF(game_type = 'playoffs', 1, 0)) AS is_playoffs
  FROM (
    SELECT game_date, season, game_type, home_team_tricode AS team_abbr FROM schedule
    UNION ALL
    SELECT game_date, season, game_type, away_team_tricode AS team_abbr FROM schedule
  ) AS sides
  WHERE team_abbr IS NOT NULL
  GROUP BY game_date, season, team_abbr
),
run_dates AS (
  SELECT DISTINCT game_date AS as_of, season FROM schedule WHERE {{ run.dates_of('game_date') }}
)
{%- endmacro -%}

{#- Played games, and whether each was the second of two consecutive nights. -#}
{%- macro played() %}
{{- facts(sources.player_game_summary) }},
played AS (
  SELECT *, LAG(game_date) OVER (PARTITION BY season, player_lookup ORDER BY game_date) = DATE_SUB(game_date, INTERVAL 1 DAY) AS is_second_night
  FROM player_game_summary
  WHERE {{ is_played() }}
)
{%- endmacro -%}
