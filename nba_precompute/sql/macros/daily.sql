{#- A source, date by date: how many rows, their fingerprint, and what cleaning leaves out, with an example. -#}
{%- import 'macros/arithmetic.sql' as a with context -%}
{%- import 'macros/sources.sql' as s with context -%}
{#- One row per date of a source: its fingerprint, and what cleaning will leave out. -#}
{%- macro of(source, bounds) %}
{%- set entity = source.key | reject('equalto', source.date_column) | first %}
{%- set cases = {
  'null_keys': ('entity_id IS NULL', 'copies'),
  'duplicates': ('entity_id IS NOT NULL AND NOT is_ambiguous AND copies > 1', 'copies - 1'),
  'conflicts': ('entity_id IS NOT NULL AND NOT is_ambiguous AND differs', '1'),
  'ambiguous_keys': ('entity_id IS NOT NULL AND is_ambiguous', '1')} %}
  SELECT '{{ source.name }}' AS name, game_date, {{ a.season_of('game_date') }} AS season, SUM(copies) AS source_rows, SUM(fingerprint) AS fingerprint
    {%- for finding in cleaning_kinds %},
    SUM(IF({{ cases[finding][0] }}, {{ cases[finding][1] }}, 0)) AS {{ finding }},
    MIN(IF({{ cases[finding][0] }}, CONCAT(COALESCE(entity_id, 'NULL'), ' on ', CAST(game_date AS STRING)), NULL)) AS {{ finding }}_example
    {%- endfor %}
  FROM (
    SELECT game_date, {{ entity }} AS entity_id, COUNT(*) AS copies, MIN(content) < MAX(content) AS differs, SUM(fingerprint) AS fingerprint,
      {{ s.several_people(source) }} AS is_ambiguous
    FROM (
      SELECT game_date, {{ entity }}, {{ source.identity ~ ',' if source.identity }}
        {{ fingerprint(source.columns | rejectattr('name', 'equalto', 'processed_at') | map(attribute='name') | list) }} AS content,
        {{ fingerprint(source.columns | map(attribute='name') | list) }} AS fingerprint
      FROM {{ relation(source) }}
      WHERE {{ bounds }} OR game_date IS NULL
    ) AS source_rows
    GROUP BY game_date, {{ entity }}
  ) AS keys
  GROUP BY game_date
{%- endmacro -%}

{#- The CTE daily: these box scores, the context of the run's dates, and the schedule within its bounds. -#}
{%- macro all(fact_sources, schedule_bounds) %}
daily AS (
  {%- for name in fact_sources %}
  {{- of(sources[name], run.facts('game_date')) }}
  UNION ALL
  {%- endfor %}
  {{- of(sources.upcoming_player_game_context, run.dates_of('game_date')) }}
  UNION ALL
  {{- of(sources.nbac_schedule, schedule_bounds) }}
)
{%- endmacro -%}
