{#- Every entity of the season of the run's date: the nearest dates before and after it on which a team is `scheduled`, or a
    player is `listed` or `played`. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
{%- set date = "DATE '%s'" % run.dates[0] -%}
WITH
{{- src.calendar() }},
{%- if table.population != 'scheduled_teams' %}
{{- src.rows_of(sources.player_game_summary, run.seasons_of('game_date')) }},
{{- src.rows_of(sources.upcoming_player_game_context, run.seasons_of('game_date')) }},
{%- endif %}
appearances AS (
  {%- if table.population == 'scheduled_teams' %}
  SELECT 'scheduled' AS kind, team_abbr AS entity_id, game_date FROM team_schedule
  {%- else %}
  SELECT 'played' AS kind, player_lookup AS entity_id, game_date FROM player_game_summary_rows WHERE {{ src.is_played() }}
  UNION ALL
  SELECT 'listed', player_lookup, game_date FROM upcoming_player_game_context_rows
  UNION ALL
  SELECT 'scheduled', NULL, game_date FROM schedule
  {%- endif %}
)
SELECT kind, entity_id,
  MAX(IF(game_date < {{ date }}, game_date, NULL)) AS newest_before,
  MIN(IF(game_date > {{ date }}, game_date, NULL)) AS next_after,
  LOGICAL_OR(game_date = {{ date }}) AS on_the_date
FROM appearances
GROUP BY kind, entity_id
