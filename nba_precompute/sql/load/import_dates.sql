{#- The dates of the rows that an import writes to a raw table, with their number. -#}
{%- if 'game_id' in table.column_names and table is not sameas games %}
SELECT game.game_date AS as_of, COUNT(*) AS row_count
FROM {{ changed }} AS changed
JOIN {{ relation(games) }} AS game ON game.game_id = changed.game_id
WHERE game.game_date IS NOT NULL
GROUP BY game.game_date
{%- else %}
SELECT game_date AS as_of, COUNT(*) AS row_count
FROM {{ changed }}
WHERE game_date IS NOT NULL
GROUP BY game_date
{%- endif %}
