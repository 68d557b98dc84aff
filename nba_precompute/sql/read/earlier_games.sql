{#- The games of some entities in one source before the run's dates, as the windows read them: admitted, cleaned, newest first; of
    a player, the games of the person whom the key means. `newest` is NULL for a game that does not count because the player did
    not play. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/people.sql' as people with context -%}
{%- import 'macros/population.sql' as pop with context -%}
{%- import 'macros/windows.sql' as win with context -%}
{%- set wanted = entities | map('literal') | join(', ') -%}
WITH
{{- src.calendar() }},
{%- if source.is_about_people %}
{{- src.played() }}, {{- src.context() }}, {{- people.identities() }}, {{- pop.known_players() }},
games AS (
  SELECT member.entity_id, TRUE AS counts, game.season, game.game_date {%- for column in columns %}, game.{{ column }}{% endfor %}
  FROM known_people AS member JOIN history_games AS game ON game.history = member.history
  WHERE member.entity_id IN ({{ wanted }})
  UNION ALL
  SELECT member.entity_id, FALSE, game.season, game.game_date {%- for column in columns %}, game.{{ column }}{% endfor %}
  FROM known_people AS member JOIN player_game_summary AS game ON game.identity = member.history
  WHERE member.entity_id IN ({{ wanted }}) AND NOT COALESCE({{ src.is_played() }}, FALSE)
),
{%- else %}
{{- src.facts(source) }},
games AS (SELECT *, {{ entity }} AS entity_id, TRUE AS counts FROM {{ source.name }} WHERE {{ entity }} IN ({{ wanted }})),
{%- endif %}
{{- win.as_of('earlier', 'games') }}
SELECT entity_id, game_date, DATE_DIFF(as_of, game_date, DAY) AS days_before,
  IF(counts, ROW_NUMBER() OVER (PARTITION BY entity_id, counts ORDER BY game_date DESC), NULL) AS newest
  {%- for column in columns %}, {{ column }}{% endfor %}
FROM earlier
ORDER BY entity_id, game_date DESC
