{#- What the context of the run's dates says of a player, cleaned but for repetition: the newest row is the one that counts. -#}
{%- import 'macros/arithmetic.sql' as a with context -%}
{%- import 'macros/sources.sql' as s with context -%}
WITH {{- s.context() }}
SELECT {{ columns | join(', ') }}
FROM upcoming_player_game_context_rows
WHERE player_lookup = {{ player | literal }}
ORDER BY processed_at DESC
