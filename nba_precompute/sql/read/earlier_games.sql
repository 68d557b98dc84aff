{#- The games of some entities in one source before the run's dates, as the windows read them: cleaned, newest first.
    `newest` is NULL for a game that does not count because the player did not play. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/windows.sql' as win with context -%}
WITH
{{- src.calendar() }}, {{- src.facts(source) }},
games AS (
  SELECT *, {{ src.is_played() if source.name == 'player_game_summary' else 'TRUE' }} AS counts
  FROM {{ source.name }}
  WHERE {{ entity }} IN ({{ entities | map('literal') | join(', ') }})
),
{{- win.as_of('earlier', 'games') }}
SELECT {{ entity }} AS entity_id, game_date, DATE_DIFF(as_of, game_date, DAY) AS days_before,
  IF(counts, ROW_NUMBER() OVER (PARTITION BY {{ entity }}, counts ORDER BY game_date DESC), NULL) AS newest
  {%- for column in columns %}, {{ column }}{% endfor %}
FROM earlier
ORDER BY entity_id, game_date DESC
