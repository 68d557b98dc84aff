{#- The only macros that read a source table: cleaned, without NULL keys, one row per key (contract, section 2).
    needs: `run` (the literal bounds of the dates that may be read), `relation`, `sources`. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}

{#- TRUE if the rows of a key belong to several people; an unknown identity is not another one. Groups by the key. -#}
{%- macro several_people(source) -%}
{{ 'COALESCE(MIN(%s) < MAX(%s), FALSE)' % (source.identity, source.identity) if source.identity else 'FALSE' }}
{%- endmacro -%}

{#- The CTEs <source>_rows, every row with a key inside `bounds`, cleaned; and <source>_repeated, the keys of several rows,
    which may belong to several people. -#}
{%- macro rows_of(source, bounds) %}
{{ source.name }}_rows AS (
  SELECT
    {%- for column in source.columns %}
    {% if column.type == 'FLOAT64' %}{{ math.finite(column.name) }} AS {% endif %}{{ column.name }},
    {%- endfor %}
    {{ math.season_of(source.date_column) }} AS season
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

{#- The CTE <source>, one row per key: the newest processed_at, then the larger hash of the declared columns (which rounds,
    so the floats themselves settle the rest). Only repeated keys are ranked.
    needs: CTEs <source>_rows, <source>_repeated. -#}
{%- macro one_per_key(source) %}
{%- set hashed = source.columns | rejectattr('name', 'equalto', 'processed_at') | list %}
{%- macro matches() %}
{%- for column in source.key %}repeated.{{ column }} = source_row.{{ column }}{{ ' AND ' if not loop.last }}{% endfor %}
{%- endmacro %}
{{ source.name }} AS (
  SELECT source_row.*
  FROM {{ source.name }}_rows AS source_row
  LEFT JOIN {{ source.name }}_repeated AS repeated ON {{ matches() }}
  WHERE repeated.{{ source.key[0] }} IS NULL
  UNION ALL
  SELECT source_row.*
  FROM {{ source.name }}_rows AS source_row
  JOIN {{ source.name }}_repeated AS repeated ON {{ matches() }}
  WHERE NOT repeated.is_ambiguous
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY {% for column in source.key %}source_row.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    ORDER BY source_row.processed_at DESC, {{ math.hash_of(hashed, 'source_row.') }} DESC
      {%- for column in hashed if column.type == 'FLOAT64' %}, source_row.{{ column.name }} DESC{% endfor %}
  ) = 1
)
{%- endmacro -%}

{#- The CTEs of a box score source up to the run's dates, and of the context of the run's dates. -#}
{%- macro facts(source) %}
{{- rows_of(source, run.facts(source.date_column)) }}, {{- one_per_key(source) }}
{%- endmacro -%}
{%- macro context() %}
{{- rows_of(sources.upcoming_player_game_context, run.dates_of('game_date')) }},
{{- one_per_key(sources.upcoming_player_game_context) }}
{%- endmacro -%}

{#- The one definition of a played game (contract, section 1), over the columns of player_game_summary. -#}
{%- macro is_played() -%}
is_dnp IS NOT TRUE AND is_active IS NOT FALSE
    AND (minutes_played > 0 OR (minutes_played IS NULL AND (fg_attempts > 0 OR ft_attempts > 0 OR points > 0)))
{%- endmacro -%}

{#- The CTEs schedule, the games that count, one row each: postponed and canceled rows are left out first, then the
    furthest status wins, then the latest date; team_schedule, a row per team and game date; run_dates, the run's dates
    that have a game.
    needs: `counting_game_types`. -#}
{%- macro calendar() %}
schedule AS (
  SELECT *
  FROM (
    SELECT game_id, game_date, game_type, game_status, home_team_tricode, away_team_tricode,
      {{ math.season_of('game_date') }} AS season
    FROM {{ relation(sources.nbac_schedule) }}
    WHERE {{ run.seasons_of('game_date') }} AND game_id IS NOT NULL AND game_status IS DISTINCT FROM 4
      AND game_type IN ({% for type in counting_game_types %}'{{ type }}'{{ ', ' if not loop.last }}{% endfor %})
  ) AS games
  WHERE TRUE  -- GoogleSQL requires a WHERE with QUALIFY
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

{#- The CTEs of player_game_summary and played: the played games, and whether each was the second of two consecutive
    nights. -#}
{%- macro played() %}
{{- facts(sources.player_game_summary) }},
played AS (
  SELECT *,
    LAG(game_date) OVER (PARTITION BY season, player_lookup ORDER BY game_date)
      = DATE_SUB(game_date, INTERVAL 1 DAY) AS is_second_night
  FROM player_game_summary
  WHERE {{ is_played() }}
)
{%- endmacro -%}

{#- The sources that every Phase 4 SELECT reads, except the context. -#}
{%- macro calendar_and_facts() %}
{{- calendar() }}, {{- played() }},
{{- facts(sources.team_offense_game_summary) }}, {{- facts(sources.team_defense_game_summary) }}
{%- endmacro -%}
