{#- The feature store's rows of the run's dates and, with `labels`, the points that each player scored in the game of the row.
    Only here is a box score of the date itself read: beside a row, never into one. -#}
{%- import 'macros/sources.sql' as src with context -%}
WITH store AS (SELECT * FROM {{ relation(table) }} WHERE {{ run.dates_of(table.date_column) }})
{%- if labels %},
{{- src.calendar() }},
{{- src.rows_of(sources.player_game_summary, run.dates_of('game_date')) }}, {{- src.one_per_key(sources.player_game_summary) }},
{{- src.context() }},
labels AS (  -- by person, or by key where one of the two rows has no id
  SELECT store.game_date, store.player_lookup, IF(COUNT(*) = 1, MAX(box_score.points), NULL) AS points
  FROM store
  JOIN player_game_summary AS box_score
    ON box_score.game_date = store.game_date AND box_score.team_abbr = store.team_abbr
  LEFT JOIN upcoming_player_game_context AS context
    ON context.game_date = store.game_date AND context.player_lookup = store.player_lookup
  WHERE {{ src.is_played() }} AND IF(
      STARTS_WITH(context.identity, 'id:') AND STARTS_WITH(box_score.identity, 'id:'),
      context.identity = box_score.identity, box_score.player_lookup = store.player_lookup)
  GROUP BY store.game_date, store.player_lookup
)
{%- endif %}
SELECT {% for column in table.columns %}store.{{ column.name }}, {% endfor %}
  {{ 'label.points' if labels else 'CAST(NULL AS INT64)' }} AS {{ label }}
FROM store
{%- if labels %}
LEFT JOIN labels AS label ON label.game_date = store.game_date AND label.player_lookup = store.player_lookup
{%- endif %}
ORDER BY store.game_date, store.player_lookup
