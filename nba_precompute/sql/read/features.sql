{#- The feature store's rows of the run's dates and, with `labels`, the points that each player scored in the game of the row.
    Only here is a box score of the date itself read: beside a row, never into one. -#}
{%- import 'macros/sources.sql' as src with context -%}
{%- if labels %}
WITH
{{- src.rows_of(sources.player_game_summary, run.dates_of('game_date')) }}, {{- src.one_per_key(sources.player_game_summary) }}
{%- endif %}
SELECT {% for column in table.columns %}store.{{ column.name }}, {% endfor %}
  {{ 'box_score.points' if labels else 'CAST(NULL AS INT64)' }} AS {{ label }}
FROM (SELECT * FROM {{ relation(table) }} WHERE {{ run.dates_of(table.date_column) }}) AS store
{%- if labels %}
LEFT JOIN (
  SELECT game_date, player_lookup, team_abbr, points FROM player_game_summary WHERE {{ src.is_played() }}
) AS box_score
  ON box_score.game_date = store.game_date AND box_score.player_lookup = store.player_lookup
  AND box_score.team_abbr = store.team_abbr
{%- endif %}
ORDER BY store.game_date, store.player_lookup
