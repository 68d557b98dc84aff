{#- The keys of the season's box scores before the newest of the run's dates. -#}
SELECT DISTINCT player_lookup
FROM {{ relation(sources.player_game_summary) }}
WHERE {{ run.facts('game_date') }} AND player_lookup IS NOT NULL
ORDER BY player_lookup
