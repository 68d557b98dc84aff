{#- The only macros that read a source table: admitted by the schedule, cleaned, one row per key (contract, sections 2 and 2a).
    needs: `run` (the literal bounds of the dates that may be read), `relation`, `sources`. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}

{#- NULL, or empty after trimming. -#}
{%- macro is_blank(x) -%} COALESCE(TRIM({{ x }}), '') = '' {%- endmacro -%}

{#- TRUE for a row that no rule of section 2a can place: a key or the row's own team is blank. -#}
{%- macro has_blank_key(source) -%}
{%- for column in source.placing_columns %}
{%- if column == source.date_column %}{{ column }} IS NULL{% else %}{{ is_blank(column) }}{% endif %}{{ ' OR ' if not loop.last }}
{%- endfor %}
{%- endmacro -%}
{%- macro is_of_other_season(source) -%} COALESCE(season_year != {{ math.season_of(source.date_column) }}, FALSE) {%- endmacro -%}

{#- The CTEs of the schedule:
      scheduled_rows   every row with a key, of its own season
      effective_games  one row per game_id: of several, those of status 4 come last, then the furthest status wins, then the
                       latest date
      schedule         the games that count
      team_schedule    a row per team and date with a game that counts
      season_starts    the first date of each season with such a game
      scheduled_sides  a row per team and date that any row of the schedule names, and whether it counts
      run_dates        the run's dates that have a game that counts
    needs: `counting_game_types`, `game_types`. -#}
{%- macro calendar(undated='') %}
{{- classified(sources.nbac_schedule, run.seasons_of('game_date') ~ undated) }},
scheduled_rows AS (
  SELECT * EXCEPT (finding)
  FROM nbac_schedule_classified
  WHERE finding IS NULL OR finding = 'unknown_game_type'
),
effective_games AS (
  SELECT *,
    game_status IS DISTINCT FROM 4
      AND COALESCE(game_type IN ({{ counting_game_types | map('literal') | join(', ') }}), FALSE) AS counts
  FROM scheduled_rows
  WHERE TRUE  -- GoogleSQL requires a WHERE with QUALIFY
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY season, game_id
    ORDER BY IF(game_status IS DISTINCT FROM 4, 1, 0) DESC, game_status DESC, game_date DESC, home_team_tricode DESC,
      away_team_tricode DESC
  ) = 1
),
schedule AS (SELECT * FROM effective_games WHERE counts),
team_schedule AS (
  SELECT game_date, season, team_abbr, MAX(IF(game_type = 'playoffs', 1, 0)) AS is_playoffs
  FROM ({{ sides_of('schedule', 'season, game_type') }}) AS sides
  GROUP BY game_date, season, team_abbr
),
season_starts AS (SELECT season, MIN(game_date) AS first_date FROM schedule GROUP BY season),
scheduled_sides AS (
  SELECT side.game_date, side.team_abbr, LOGICAL_OR(counting.team_abbr IS NOT NULL) AS counts
  FROM ({{ sides_of('scheduled_rows', 'season') }}) AS side
  LEFT JOIN team_schedule AS counting ON counting.game_date = side.game_date AND counting.team_abbr = side.team_abbr
  GROUP BY side.game_date, side.team_abbr
),
run_dates AS (
  SELECT DISTINCT game_date AS as_of, season FROM schedule WHERE {{ run.dates_of('game_date') }}
)
{%- endmacro -%}
{%- macro sides_of(games, columns) %}
    SELECT game_date, {{ columns }}, home_team_tricode AS team_abbr FROM {{ games }}
    UNION ALL
    SELECT game_date, {{ columns }}, away_team_tricode AS team_abbr FROM {{ games }}
  {% endmacro -%}

{#- The CTE <source>_classified: the rows of a source within `bounds`, cleaned, each with its season and its `finding`, which is the
    rule of admission that sets it aside (contract, section 2a) or NULL for an admitted row. A row of the context is placed by the
    schedule only on a date without a game that counts: on any other, a team off the slate is a recorded failure.
    needs: the CTEs of calendar(). -#}
{%- macro classified(source, bounds) %}
{%- set is_context = source.name == 'upcoming_player_game_context' %}
{{ source.name }}_classified AS (
  SELECT source_row.* EXCEPT (has_blank_key, is_of_other_season),
    CASE
      WHEN source_row.has_blank_key THEN 'blank_key'
      WHEN source_row.is_of_other_season THEN 'wrong_season'
      {%- if source.name == 'nbac_schedule' %}
      WHEN COALESCE(game_type NOT IN ({{ game_types | map('literal') | join(', ') }}), TRUE) THEN 'unknown_game_type'
      {%- else %}
      {%- if is_context %}
      WHEN game_day.as_of IS NOT NULL THEN NULL
      {%- endif %}
      WHEN game.game_date != source_row.game_date THEN 'not_counting'
      WHEN side.counts THEN NULL
      WHEN side.team_abbr IS NOT NULL OR source_row.game_date < season_start.first_date THEN 'not_counting'
      WHEN game.game_id IS NULL THEN 'off_schedule'
      WHEN NOT game.counts THEN 'not_counting'
      {%- endif %}
    END AS finding
  FROM (
    SELECT
      {%- for column in source.columns %}
      {% if column.type == 'FLOAT64' %}{{ math.finite(column.name) }} AS {% endif %}{{ column.name }},
      {%- endfor %}
      {{ math.season_of(source.date_column) }} AS season,
      {{ has_blank_key(source) }} AS has_blank_key, {{ is_of_other_season(source) }} AS is_of_other_season
    FROM {{ relation(source) }}
    WHERE {{ bounds }}
  ) AS source_row
  {%- if source.name != 'nbac_schedule' %}
  LEFT JOIN effective_games AS game ON game.season = source_row.season AND game.game_id = source_row.game_id
  LEFT JOIN scheduled_sides AS side
    ON side.game_date = source_row.game_date AND side.team_abbr = source_row.{{ source.team_column }}
  LEFT JOIN season_starts AS season_start ON season_start.season = source_row.season
  {%- if is_context %}
  LEFT JOIN run_dates AS game_day ON game_day.as_of = source_row.game_date
  {%- endif %}
  {%- endif %}
)
{%- endmacro -%}

{#- The id of a person; NULL where it is unknown. -#}
{%- macro id_of(alias) -%} NULLIF(TRIM({{ alias }}.universal_player_id), '') {%- endmacro -%}

{#- The CTE <source>_rows, every admitted row within `bounds`. A source about people has the column `identity` besides, the id or
    else the key (contract, section 2a); a row without an id whose key has exactly one id on its date is a copy of that person's
    row. -#}
{%- macro rows_of(source, bounds) %}
{{- classified(source, bounds) }},
{%- if source.is_about_people %}
{{ source.name }}_shared_keys AS (  -- the keys with several rows on a date, and the ids of those rows
  SELECT game_date, player_lookup, MIN({{ id_of('source_row') }}) AS lowest_id, MAX({{ id_of('source_row') }}) AS highest_id
  FROM {{ source.name }}_classified AS source_row
  WHERE finding IS NULL
  GROUP BY game_date, player_lookup
  HAVING COUNT(*) > 1
),
{{ source.name }}_rows AS (
  SELECT source_row.* EXCEPT (finding),
    COALESCE(
      CONCAT('id:', {{ id_of('source_row') }}),
      CONCAT('id:', IF(shared_key.lowest_id = shared_key.highest_id, shared_key.lowest_id, NULL)),
      CONCAT('key:', source_row.player_lookup)
    ) AS identity
  FROM {{ source.name }}_classified AS source_row
  LEFT JOIN {{ source.name }}_shared_keys AS shared_key
    ON shared_key.game_date = source_row.game_date AND shared_key.player_lookup = source_row.player_lookup
  WHERE source_row.finding IS NULL
)
{%- else %}
{{ source.name }}_rows AS (SELECT * EXCEPT (finding) FROM {{ source.name }}_classified WHERE finding IS NULL)
{%- endif %}
{%- endmacro -%}

{#- The columns that several rows share only if they are copies of one row. -#}
{%- macro unique_columns(source) -%}
{{ ([source.date_column, 'identity'] if source.is_about_people else source.key) | join(',') }}
{%- endmacro -%}

{#- The order in which one of several rows wins: the newest processed_at, then the larger hash of the declared columns (which
    rounds, so the floats themselves settle the rest). -#}
{%- macro winner_first(source, alias) -%}
{%- set hashed = source.columns | rejectattr('name', 'equalto', 'processed_at') | list -%}
{{ alias }}.processed_at DESC, {{ math.hash_of(hashed, alias ~ '.') }} DESC
      {%- for column in hashed if column.type == 'FLOAT64' %}, {{ alias }}.{{ column.name }} DESC{% endfor %}
{%- endmacro -%}

{#- The CTE <source>: the winner of every group of copies. Only repeated ones are ranked.
    needs: CTE <source>_rows. -#}
{%- macro one_per_key(source) %}
{%- set key = unique_columns(source).split(',') %}
{%- macro matches() %}
{%- for column in key %}repeated.{{ column }} = source_row.{{ column }}{{ ' AND ' if not loop.last }}{% endfor %}
{%- endmacro %}
{{ source.name }}_repeated AS (
  SELECT {{ key | join(', ') }} FROM {{ source.name }}_rows GROUP BY {{ key | join(', ') }} HAVING COUNT(*) > 1
),
{{ source.name }} AS (
  SELECT source_row.*
  FROM {{ source.name }}_rows AS source_row
  LEFT JOIN {{ source.name }}_repeated AS repeated ON {{ matches() }}
  WHERE repeated.{{ key[0] }} IS NULL
  UNION ALL
  SELECT source_row.*
  FROM {{ source.name }}_rows AS source_row
  JOIN {{ source.name }}_repeated AS repeated ON {{ matches() }}
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY {% for column in key %}source_row.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    ORDER BY {{ winner_first(source, 'source_row') }}
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

{#- TRUE where the zones of a row cannot be those of its field goals (contract, section 2a). -#}
{%- macro zones_disagree() -%}
{%- set attempts = '(%s)' % (zones | join('_attempts + ') ~ '_attempts') -%}
{%- set fewest, most = common.ZONE_ATTEMPTS_PERCENT -%}
COALESCE(100 * {{ attempts }} < {{ fewest }} * fg_attempts OR 100 * {{ attempts }} > {{ most }} * fg_attempts, FALSE)
{%- endmacro -%}

{#- The CTEs of player_game_summary and played: the played games. -#}
{%- macro played() %}
{{- facts(sources.player_game_summary) }},
played AS (
  SELECT *, {{ zones_disagree() }} AS zones_disagree FROM player_game_summary WHERE {{ is_played() }}
)
{%- endmacro -%}

{#- The sources that every Phase 4 SELECT reads, except the context. -#}
{%- macro calendar_and_facts() %}
{{- calendar() }}, {{- played() }},
{{- facts(sources.team_offense_game_summary) }}, {{- facts(sources.team_defense_game_summary) }}
{%- endmacro -%}
