{#- The feature store's rows of the run's dates, and where `labels` says so the points that each player really scored in the
    game that his row is about. Only here is a box score of the date itself read: beside a row, never into one. -#}
{%- import 'macros/sources.sql' as s with context -%}
{%- if labels %}
WITH
{{- s.rows_of(sources.player_game_summary, run.dates_of('game_date')) }}, {{- s.one_per_key(sources.player_game_summary) }}
{%- endif %}
SELECT {% for column in table.columns %}f.{{ column.name }}, {% endfor %}
  {{ 'l.points' if labels else 'CAST(NULL AS INT64)' }} AS {{ label }}
FROM (SELECT * FROM {{ relation(table) }} WHERE {{ run.dates_of(table.date_column) }}) AS f
{%- if labels %}
LEFT JOIN (
  SELECT game_date, player_lookup, team_abbr, points FROM player_game_summary WHERE {{ s.is_played() }}
) AS l ON l.game_date = f.game_date AND l.player_lookup = f.player_lookup AND l.team_abbr = f.team_abbr
{%- endif %}
ORDER BY f.game_date, f.player_lookup
