{#- The schedule: the league's games as they stand. -#}
{%- import 'macros/league.sql' as league_files with context -%}
SELECT game_id, game_date, season_year, home_team_tricode, away_team_tricode, game_status, game_type
FROM {{ relation(league.LEAGUE_GAMES) }}
WHERE {{ league_files.of_seasons() }} AND game_date IS NOT NULL
