{#- A source per date: its rows, their fingerprint, and what cleaning finds, each kind with an example.
    needs: `run`, `relation`, `sources`, `cleaning_kinds`, and `fingerprint` (columns -> an expression of the warehouse). -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}

{#- A SELECT of one row per date of a source within `bounds`, and one for its rows without a date. -#}
{%- macro of(source, bounds) %}
{%- set entity = source.key | reject('equalto', source.date_column) | first %}
{%- set names = source.columns | map(attribute='name') | list %}
{%- set cases = {
  'null_keys': ('entity_id IS NULL', 'copies'),
  'duplicates': ('entity_id IS NOT NULL AND NOT is_ambiguous AND copies > 1', 'copies - 1'),
  'conflicts': ('entity_id IS NOT NULL AND NOT is_ambiguous AND differs', '1'),
  'ambiguous_keys': ('entity_id IS NOT NULL AND is_ambiguous', '1')} %}
  SELECT '{{ source.name }}' AS name, game_date, {{ math.season_of('game_date') }} AS season,
    SUM(copies) AS source_rows, SUM(fingerprint) AS fingerprint
    {%- for kind in cleaning_kinds %}
    {%- set condition, count = cases[kind] %},
    SUM(IF({{ condition }}, {{ count }}, 0)) AS {{ kind }},
    MIN(IF({{ condition }}, CONCAT(COALESCE(entity_id, 'NULL'), ' on ', CAST(game_date AS STRING)), NULL)) AS {{ kind }}_example
    {%- endfor %}
  FROM (
    SELECT game_date, {{ entity }} AS entity_id, COUNT(*) AS copies, MIN(content) < MAX(content) AS differs,
      SUM(fingerprint) AS fingerprint, {{ src.several_people(source) }} AS is_ambiguous
    FROM (
      SELECT game_date, {{ entity }}, {{ source.identity ~ ',' if source.identity }}
        {{ fingerprint(names | reject('equalto', 'processed_at') | list) }} AS content,
        {{ fingerprint(names) }} AS fingerprint
      FROM {{ relation(source) }}
      WHERE {{ bounds }} OR game_date IS NULL
    ) AS source_rows
    GROUP BY game_date, {{ entity }}
  ) AS keys
  GROUP BY game_date
{%- endmacro -%}

{#- The CTE daily: the box scores in `fact_sources`, the context of the run's dates, and the schedule within its bounds. -#}
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
