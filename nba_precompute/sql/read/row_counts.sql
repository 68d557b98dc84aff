{#- Row counts of a table: rows, ready rows, incomplete rows and failures, per date of the run that has a game, a row or a
    failure. -#}
{%- import 'macros/sources.sql' as src with context -%}
WITH {{- src.calendar() }},
slate AS (
  SELECT game_date, COUNT(*) AS games,
    COUNT(IF(STARTS_WITH(game_id, '{{ sample_game_id_prefix }}'), 1, NULL)) AS sample_games
  FROM schedule WHERE {{ run.dates_of('game_date') }} GROUP BY game_date
),
outcomes AS (
  SELECT {{ table.date_column }} AS as_of, 1 AS is_row, IF(is_production_ready, 1, 0) AS is_ready,
    IF(actual_games_count < expected_games_count, 1, 0) AS is_incomplete, 0 AS is_failure
  FROM {{ relation(table) }} WHERE {{ run.dates_of(table.date_column) }}
  UNION ALL
  SELECT as_of_date, 0, 0, 0, 1
  FROM {{ relation(failures) }} WHERE table_name = '{{ table.name }}' AND {{ run.dates_of('as_of_date') }}
),
counted AS (
  SELECT as_of, SUM(is_row) AS published_rows, SUM(is_ready) AS ready_rows, SUM(is_incomplete) AS incomplete_rows,
    SUM(is_failure) AS failures
  FROM outcomes GROUP BY as_of
)
SELECT COALESCE(slate.game_date, counted.as_of) AS as_of,
  COALESCE(slate.games, 0) AS games, COALESCE(slate.sample_games, 0) AS sample_games,
  CAST(COALESCE(counted.published_rows, 0) AS INT64) AS published_rows,
  CAST(COALESCE(counted.ready_rows, 0) AS INT64) AS ready_rows,
  CAST(COALESCE(counted.incomplete_rows, 0) AS INT64) AS incomplete_rows,
  CAST(COALESCE(counted.failures, 0) AS INT64) AS failures
FROM slate FULL JOIN counted ON counted.as_of = slate.game_date
ORDER BY as_of
