{#- The predecessor's schedule: one row per game and date of the two that its `data_source`s have, the newest; the type of a game
    from its id and its flags. -#}
{%- import 'forms/predecessor/common.sql' as theirs with context -%}
{%- macro by_id(told_by_a_flag) %}
{%- for prefix, type in league.GAME_TYPE_OF_PREFIX.items() if (type in ('regular_season', 'playoffs')) == told_by_a_flag %}
    WHEN STARTS_WITH(game_id, '{{ prefix }}') THEN '{{ type }}'
{%- endfor %}
{%- endmacro -%}
SELECT
  game_id, game_date, season_year, home_team_tricode, away_team_tricode, game_status,
  CASE
    {#- By the league's id: what no flag says. #}
    {{- by_id(told_by_a_flag=False) }}
    WHEN is_all_star THEN 'all_star'
    WHEN REGEXP_CONTAINS(LOWER(playoff_round), r'play.?in') THEN 'play_in'
    WHEN is_playoffs THEN 'playoffs'
    WHEN is_regular_season THEN 'regular_season'
    {{- by_id(told_by_a_flag=True) }}
  END AS game_type
FROM {{ table_name }}
WHERE {{ theirs.partitions() }}
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY game_date, game_id
  ORDER BY processed_at DESC, game_status DESC, data_source, home_team_tricode, away_team_tricode, season_year,
    is_regular_season, is_playoffs, is_all_star, playoff_round
) = 1
