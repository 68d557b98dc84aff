{#- The context rows of a player on the run's dates, cleaned but not deduplicated: the newest row is the one that counts. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
WITH {{- src.calendar() }}, {{- src.context() }}
SELECT {{ columns | join(', ') }}
FROM upcoming_player_game_context_rows
WHERE player_lookup = {{ player | literal }}
ORDER BY processed_at DESC
