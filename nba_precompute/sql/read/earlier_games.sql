{#- The games of some entities in one source before the run's dates, as the windows read them: cleaned, newest first;
    `newest` is NULL for a game that does not count, because he did not play. -#}
{%- import 'macros/arithmetic.sql' as a with context -%}
{%- import 'macros/sources.sql' as s with context -%}
{%- import 'macros/windows.sql' as w with context -%}
WITH
{{- s.calendar() }}, {{- s.facts(source) }},
games AS (
  SELECT *, {{ s.is_played() if source.name == 'player_game_summary' else 'TRUE' }} AS counts
  FROM {{ source.name }}
  WHERE {{ entity }} IN ({{ entities | map('literal') | join(', ') }})
),
{{- w.as_of('earlier', 'games') }}
SELECT {{ entity }} AS entity_id, game_date, DATE_DIFF(as_of, game_date, DAY) AS days_before,
  IF(counts, ROW_NUMBER() OVER (PARTITION BY {{ entity }}, counts ORDER BY game_date DESC), NULL) AS newest
  {%- for column in columns %}, {{ column }}{% endfor %}
FROM earlier
ORDER BY entity_id, game_date DESC
