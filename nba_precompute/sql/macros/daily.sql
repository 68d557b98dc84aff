{#- The sources per date: their rows and fingerprints, and what admission and cleaning find in them.
    needs: `run`, `relation`, `sources`, `fingerprint` (columns -> an expression of the warehouse), and for each source the CTEs
    <source>_classified and <source>_rows of sources.rows_of() (of the schedule: those of sources.calendar()). -#}
{%- import 'macros/sources.sql' as src with context -%}

{#- The CTE daily: (name, game_date, season, source_rows, fingerprint, admitted_rows, admitted_fingerprint) of the sources.
    Only admitted rows can change what is computed; any row can change what is observed. -#}
{%- macro daily(named_sources) %}
daily AS (
  {%- for source in named_sources %}
  SELECT '{{ source.name }}' AS name, game_date, season, COUNT(*) AS source_rows, SUM(fingerprint) AS fingerprint,
    COUNT(IF(finding IS NULL, 1, NULL)) AS admitted_rows, SUM(IF(finding IS NULL, fingerprint, NULL)) AS admitted_fingerprint
  FROM (
    SELECT game_date, season, finding, {{ fingerprint(source.column_names) }} AS fingerprint FROM {{ source.name }}_classified
  ) AS source_rows
  GROUP BY game_date, season
  {{- '\n  UNION ALL' if not loop.last }}
  {%- endfor %}
)
{%- endmacro -%}

{#- The CTE findings: (name, kind, game_date, season, amount, example), a row for each kind that occurs on a date. -#}
{%- macro findings(named_sources) %}
findings AS (
  {%- for source in named_sources %}
  {{- set_aside(source) }}
  UNION ALL
  {{- copies(source) }}
  {%- if source.name == 'player_game_summary' %}
  UNION ALL
  SELECT '{{ source.name }}', 'zones_disagree', game_date, season, COUNT(*), MIN({{ example('player_lookup') }})
  FROM {{ source.name }}_rows WHERE {{ src.zones_disagree() }} GROUP BY game_date, season
  {%- endif %}
  {%- if source.is_about_people %}
  UNION ALL
  {{- identities(source) }}
  {%- endif %}
  {{- '\n  UNION ALL' if not loop.last }}
  {%- endfor %}
)
{%- endmacro -%}

{%- macro example(entity) -%}
CONCAT(IF({{ src.is_blank(entity) }}, IF({{ entity }} IS NULL, 'NULL', 'blank'), {{ entity }}),
      COALESCE(CONCAT(' on ', CAST(game_date AS STRING)), ' without a date'))
{%- endmacro -%}
{%- macro entity_of(source) -%} {{ source.key | reject('equalto', source.date_column) | first }} {%- endmacro -%}

{#- What admission sets aside. -#}
{%- macro set_aside(source) %}
  SELECT '{{ source.name }}' AS name, finding AS kind, game_date, season, COUNT(*) AS amount,
    {%- if source.name == 'nbac_schedule' %}
    MIN(CONCAT(IF(finding = 'unknown_game_type', CONCAT(COALESCE(game_type, 'NULL'), ', game '), ''), {{ example('game_id') }})) AS example
    {%- else %}
    MIN({{ example(entity_of(source)) }}) AS example
    {%- endif %}
  FROM {{ source.name }}_classified
  WHERE finding IS NOT NULL
  GROUP BY finding, game_date, season
{%- endmacro -%}

{#- Duplicates, and keys whose rows differ; a game's rows on several dates are a game that was moved. -#}
{%- macro copies(source) %}
{%- set key = src.unique_columns(source).split(',') + ([] if source.date_column in source.key else [source.date_column]) %}
  SELECT '{{ source.name }}', kind, game_date, season, SUM(IF(kind = 'duplicates', copies - 1, 1)), MIN({{ example('entity') }})
  FROM (
    SELECT {{ key | join(', ') }}, season, MIN({{ entity_of(source) }}) AS entity, COUNT(*) AS copies,
      MIN(content) < MAX(content) AS differs
    FROM (
      SELECT *, {{ fingerprint(source.column_names | reject('equalto', 'processed_at') | list) }} AS content
      FROM {{ 'scheduled_rows' if source.name == 'nbac_schedule' else source.name ~ '_rows' }}
    ) AS source_rows
    GROUP BY {{ key | join(', ') }}, season
    HAVING COUNT(*) > 1
  ) AS repeated
  JOIN (SELECT 'duplicates' AS kind UNION ALL SELECT 'conflicts' AS kind) AS kinds ON kind = 'duplicates' OR differs
  GROUP BY kind, game_date, season
{%- endmacro -%}

{#- A further key of a person, and a further person of a key, each on the date on which it first occurs in the season (in the
    context: in the slate). -#}
{%- macro identities(source) %}
{%- set scope = 'season' if source.name == 'player_game_summary' else 'game_date' %}
  SELECT '{{ source.name }}', kind, game_date, season, COUNT(*), MIN({{ example('player_lookup') }})
  FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY {{ scope }}, identity ORDER BY game_date, player_lookup) AS key_number,
      ROW_NUMBER() OVER (PARTITION BY {{ scope }}, player_lookup ORDER BY game_date, identity) AS person_number
    FROM (
      SELECT season, identity, player_lookup, {{ 'game_date' if scope == 'game_date' else 'MIN(game_date) AS game_date' }}
      FROM {{ source.name }}_rows
      WHERE STARTS_WITH(identity, 'id:')
      GROUP BY season, identity, player_lookup{{ ', game_date' if scope == 'game_date' }}
    ) AS pairs
  ) AS numbered
  JOIN (SELECT 'several_keys' AS kind UNION ALL SELECT 'several_people' AS kind) AS kinds
    ON IF(kind = 'several_keys', key_number, person_number) > 1
  GROUP BY kind, game_date, season
{%- endmacro -%}
