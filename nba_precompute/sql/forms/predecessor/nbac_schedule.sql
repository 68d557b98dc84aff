{#- The predecessor's schedule: one row per game and date of the two that its `data_source`s have, the newest; the type of a game
    from its id and its flags. -#}
{%- import 'forms/predecessor/common.sql' as theirs with context -%}
SELECT
  game_id, game_date, season_year, home_team_tricode, away_team_tricode, game_status,
  CASE
    {#- By the league's id: what no flag says. #}
    WHEN STARTS_WITH(game_id, '001') THEN 'preseason'
    WHEN STARTS_WITH(game_id, '003') THEN 'all_star'
    WHEN STARTS_WITH(game_id, '005') THEN 'play_in'
    WHEN STARTS_WITH(game_id, '006') THEN 'cup_final'
    WHEN is_all_star THEN 'all_star'
    WHEN REGEXP_CONTAINS(LOWER(playoff_round), r'play.?in') THEN 'play_in'
    WHEN is_playoffs THEN 'playoffs'
    WHEN is_regular_season THEN 'regular_season'
    WHEN STARTS_WITH(game_id, '002') THEN 'regular_season'
    WHEN STARTS_WITH(game_id, '004') THEN 'playoffs'
  END AS game_type
FROM {{ table_name }}
WHERE {{ theirs.partitions() }}
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY game_date, game_id
  ORDER BY processed_at DESC, game_status DESC, data_source, home_team_tricode, away_team_tricode, season_year,
    is_regular_season, is_playoffs, is_all_star, playoff_round
) = 1
