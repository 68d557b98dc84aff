{#- What the three checks of a table count: one row per date that has a game, a row or a failure. A counter `x` that can name
    an example has an `x_example` beside it. The rules, with their thresholds and wording, are in `quality/rules.py`. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/windows.sql' as win with context -%}
{%- import 'macros/people.sql' as people with context -%}
{%- import 'macros/population.sql' as pop with context -%}
{%- import 'macros/complete.sql' as complete with context -%}
{%- set date, entity = table.key -%}
{%- set names = table.columns | map(attribute='name') | list -%}
{%- set is_listed = 'opponent_team_abbr' in names -%}
{%- set reads_context = sources.upcoming_player_game_context.name in table.sources -%}
{%- set features = registry.FEATURES -%}
{%- set required = registry.required_columns(table.name) -%}
{%- macro counted(name, condition, example='entity_id') -%}
COUNT(IF({{ condition }}, 1, NULL)) AS {{ name }}, MIN(IF({{ condition }}, {{ example }}, NULL)) AS {{ name }}_example
{%- endmacro -%}
{%- macro outside(column, bounds) -%} {{ column.name }} < {{ bounds[0] }} OR {{ column.name }} > {{ bounds[1] }} {%- endmacro -%}
{#- A value outside the closed set of its column; an array is compared as one text, ten times as fast as by element. -#}
{%- macro outside_closed_set(column) -%}
{%- set value = '(' ~ column.values | join('|') ~ ')' %}
{%- if column.type == 'ARRAY<STRING>' %}NOT REGEXP_CONTAINS(ARRAY_TO_STRING({{ column.name }}, ','), r'^({{ value }}(,{{ value }})*)?$')
{%- else %}{{ column.name }} NOT IN ({% for value in column.values %}'{{ value }}'{{ ', ' if not loop.last }}{% endfor %})
{%- endif %}
{%- endmacro -%}
{%- macro zone_rates_differ() -%}
{%- set total = table.zone_rates_total -%}
COALESCE({{ table.zone_rates | join(', ') }}) IS NOT NULL
      AND COALESCE(ABS({{ table.zone_rates | join(' + ') }} - {{ total }}) > 0.001 * {{ total }}, TRUE)
{%- endmacro -%}
{%- macro arrays_malformed() -%}
feature_count != {{ features | length }} OR ARRAY_LENGTH(features) != {{ features | length }}
      OR ARRAY_LENGTH(feature_sources) != {{ features | length }}
      OR ARRAY_TO_STRING(feature_names, ',') != '{{ features | map(attribute='name') | join(',') }}'
{%- endmacro -%}
{%- macro array_differs(feature, index) -%}
features[SAFE_OFFSET({{ index }})] IS DISTINCT FROM COALESCE({{ feature.name }}, {{ feature.default }})
      OR COALESCE(feature_sources[SAFE_OFFSET({{ index }})] = 'default', FALSE) != ({{ feature.name }} IS NULL)
{%- endmacro -%}
WITH
{{- src.calendar_and_facts() }}, {{- win.game_coverage() }},
{%- if reads_context %} {{- src.context() }}, {{- people.identities() }},{% endif %}
{%- if is_listed %} {{- people.newest_keys() }},{% endif %}
{{- pop[table.population]() }},
published AS (
  SELECT *, {{ date }} AS as_of, {{ entity }} AS entity_id FROM {{ relation(table) }} WHERE {{ run.dates_of(date) }}
),
outcomes AS (
  SELECT as_of, entity_id, 1 AS is_row, 0 AS is_failure, FALSE AS is_member FROM published
  UNION ALL
  SELECT as_of_date, entity_id, 0, 1, FALSE FROM {{ relation(failures) }}
  WHERE table_name = '{{ table.name }}' AND {{ run.dates_of('as_of_date') }}
  UNION ALL
  SELECT as_of, entity_id, 0, 0, TRUE FROM population
),
entities AS (
  SELECT as_of, entity_id, SUM(is_row) AS published_rows, SUM(is_failure) AS failures, LOGICAL_OR(is_member) AS is_member
  FROM outcomes GROUP BY as_of, entity_id
),
accounted AS (
  SELECT as_of, COUNT(IF(is_member, 1, NULL)) AS population, SUM(published_rows) AS published_rows, SUM(failures) AS failures,
    {{ counted('unaccounted_members', 'is_member AND published_rows + failures = 0') }},
    {{ counted('outside_population', 'NOT is_member') }},
    {{ counted('row_and_failure', 'published_rows > 0 AND failures > 0') }},
    {{ counted('duplicate_keys', 'published_rows > 1 OR failures > 1') }},
    COUNT(IF(entity_id IS NULL, 1, NULL)) AS null_keys
  FROM entities GROUP BY as_of
),
contents AS (
  SELECT as_of,
    COUNT(IF(is_production_ready, 1, NULL)) AS ready_rows,
    COUNT(IF(actual_games_count < expected_games_count, 1, NULL)) AS incomplete_rows,
    COUNT(IF(LEAST(games_in_sample, expected_games_count) >= {{ common.MINIMUM_GAMES }}, 1, NULL)) AS sampled_rows,
    COUNT(IF(NOT early_season_flag, 1, NULL)) AS full_rows,
    COUNT(IF(NOT early_season_flag AND is_production_ready, 1, NULL)) AS full_ready_rows,
    {{ counted('windows_not_before_date', 'window_last_game_date >= as_of OR window_first_game_date > window_last_game_date') }},
    {{ counted('hash_mismatches', 'data_hash IS DISTINCT FROM ' ~ math.hash_of(table.hashed_columns)) }}
    {%- if table.zone_rates %},
    {{ counted('zone_rate_sums', zone_rates_differ()) }}
    {%- endif %}
    {%- for column in table.columns %}
    {%- set example = "CONCAT(entity_id, ' ', CAST(%s AS STRING))" % column.name %}
    {%- if not column.nullable %},
    COUNT(IF({{ column.name }} IS NULL, 1, NULL)) AS null_{{ column.name }}
    {%- endif %}
    {%- if column.limits %},
    {%- set is_sampled = 'games_in_sample >= %d' % common.MINIMUM_GAMES %}
    {{ counted('impossible_' ~ column.name, outside(column, column.limits), example) }},
    {{ counted('out_of_range_' ~ column.name, is_sampled ~ ' AND (' ~ outside(column, column.range) ~ ')', example) }}
    {%- endif %}
    {%- if column.values %},
    {{ counted('outside_closed_set_' ~ column.name, outside_closed_set(column)) }}
    {%- endif %}
    {%- endfor %}
    {%- if 'feature_sources' in names %},
    {{ counted('malformed_arrays', arrays_malformed()) }}
    {%- for feature in features %},
    {{ counted('array_mismatch_' ~ feature.name, array_differs(feature, loop.index0)) }},
    COUNT(IF(NOT early_season_flag AND {{ feature.name }} IS NULL, 1, NULL)) AS defaults_{{ feature.name }}
    {%- endfor %}
    {%- endif %}
  FROM published GROUP BY as_of
),
{#- The required columns of each date and of the game dates before it, over rows with a full main window: others are not
    comparable. Defaults are NULL and stay out. #}
daily AS (
  SELECT {{ date }} AS as_of, {{ math.season_of(date) }} AS season
    {%- for name in required %},
    COUNT({{ name }}) AS n_{{ name }}, SUM({{ name }}) AS s_{{ name }}, SUM({{ name }} * {{ name }}) AS q_{{ name }},
    MIN({{ name }}) AS low_{{ name }}, MAX({{ name }}) AS high_{{ name }}
    {%- endfor %}
  FROM {{ relation(table) }}
  WHERE {{ run.trailing(date) }} AND NOT early_season_flag
  GROUP BY as_of, season
),
slates AS (
  SELECT game_date AS as_of, season, COUNT(*) AS teams,
    SUM(COUNT(*)) OVER (
      PARTITION BY season ORDER BY game_date ROWS BETWEEN {{ common.TRAILING_DATES - 1 }} PRECEDING AND CURRENT ROW
    ) AS trailing_teams
  FROM team_schedule GROUP BY game_date, season
),
trailing AS (
  SELECT as_of, COUNT(*) OVER before AS trailing_dates
    {%- for name in required %},
    n_{{ name }}, s_{{ name }}, SUM(n_{{ name }}) OVER before AS trailing_n_{{ name }},
    SUM(s_{{ name }}) OVER before AS trailing_s_{{ name }}, SUM(q_{{ name }}) OVER before AS trailing_q_{{ name }},
    MIN(low_{{ name }}) OVER around AS low_{{ name }}, MAX(high_{{ name }}) OVER around AS high_{{ name }}
    {%- endfor %}
  FROM daily
  WINDOW before AS (PARTITION BY season ORDER BY as_of ROWS BETWEEN {{ common.TRAILING_DATES }} PRECEDING AND 1 PRECEDING),
    around AS (PARTITION BY season ORDER BY as_of ROWS BETWEEN {{ common.TRAILING_DATES - 1 }} PRECEDING AND CURRENT ROW)
),
{{- complete.passing_sides() }}, {{- complete.newest_day() }},
{{- complete.short_windows(scope_windows([table])) }},
short AS (
  SELECT as_of, {{ counted('short_windows', 'TRUE',
    "CONCAT(team_abbr, ', ', CAST(passing AS STRING), ' of ', CAST(expected AS STRING), ' games')") }}
  FROM short_windows GROUP BY as_of
),
failing_sides AS (SELECT game_date, season, team_abbr, gap FROM passing_sides WHERE NOT passes),
{{- win.as_of('failing', 'failing_sides', win.last_days(common.LOOKBACK_DAYS)) }},
uncovered AS (
  SELECT as_of
    {%- for name, condition in (('newest_sides_uncovered', 'is_newest_day'), ('uncovered_sides', 'NOT is_newest_day')) %},
    COUNT(IF({{ condition }}, 1, NULL)) AS {{ name }},
    STRING_AGG(IF({{ condition }} AND place <= 10, side, NULL), ', ' ORDER BY place) AS {{ name }}_example
    {%- endfor %}
  FROM (
    SELECT side.as_of, day.game_date IS NOT NULL AS is_newest_day,
      CONCAT(side.team_abbr, ' on ', CAST(side.game_date AS STRING), ': ', side.gap) AS side,
      ROW_NUMBER() OVER (PARTITION BY side.as_of, day.game_date ORDER BY side.game_date DESC, side.team_abbr) AS place
    FROM failing AS side
    LEFT JOIN newest_day AS day ON day.as_of = side.as_of AND day.game_date = side.game_date
  ) AS sides
  GROUP BY as_of
)
{%- if reads_context %},
{{- complete.lost_joins() }}
{%- endif %}
{%- if is_listed %},
unlisted AS (
  SELECT side.game_date AS as_of, {{ counted('unlisted_teams', 'listed.team_abbr IS NULL', 'side.team_abbr') }}
  FROM team_schedule AS side
  LEFT JOIN (
    SELECT DISTINCT game_date, team_abbr FROM upcoming_player_game_context_rows
  ) AS listed ON listed.game_date = side.game_date AND listed.team_abbr = side.team_abbr
  WHERE {{ run.dates_of('side.game_date') }}
  GROUP BY side.game_date
),
{%- set defense = tables.team_defense_zone_analysis %}
without_defense AS (
  SELECT opponent.as_of, {{ counted('opponents_without_defense', 'defense.team_abbr IS NULL', 'opponent.team_abbr') }}
  FROM (SELECT DISTINCT as_of, opponent_team_abbr AS team_abbr FROM published) AS opponent
  LEFT JOIN (
    SELECT {{ defense.date_column }} AS as_of, {{ defense.entity_column }} AS team_abbr
    FROM {{ relation(defense) }} WHERE {{ run.dates_of(defense.date_column) }}
    UNION DISTINCT
    SELECT as_of_date, entity_id FROM {{ relation(failures) }}
    WHERE table_name = '{{ defense.name }}' AND {{ run.dates_of('as_of_date') }}
  ) AS defense ON defense.as_of = opponent.as_of AND defense.team_abbr = opponent.team_abbr
  GROUP BY opponent.as_of
)
{%- endif %}
SELECT COALESCE(accounted.as_of, slate.as_of) AS date,
  COALESCE(slate.teams, 0) AS teams, COALESCE(slate.trailing_teams, 0) AS trailing_teams,
  accounted.* EXCEPT (as_of), contents.* EXCEPT (as_of), trailing.* EXCEPT (as_of), uncovered.* EXCEPT (as_of),
  short.* EXCEPT (as_of)
  {%- if reads_context %}, lost_join.lost AS lost_joins, lost_join.listed, lost_join.example AS lost_joins_example{% endif %}
  {%- if is_listed %}, unlisted.* EXCEPT (as_of), without_defense.* EXCEPT (as_of){% endif %}
FROM accounted
FULL JOIN (SELECT * FROM slates WHERE {{ run.dates_of('as_of') }}) AS slate ON slate.as_of = accounted.as_of
LEFT JOIN contents ON contents.as_of = accounted.as_of
LEFT JOIN trailing ON trailing.as_of = accounted.as_of
LEFT JOIN uncovered ON uncovered.as_of = COALESCE(accounted.as_of, slate.as_of)
LEFT JOIN short ON short.as_of = COALESCE(accounted.as_of, slate.as_of)
{%- if reads_context %}
LEFT JOIN lost_joins AS lost_join ON lost_join.as_of = COALESCE(accounted.as_of, slate.as_of)
{%- endif %}
{%- if is_listed %}
LEFT JOIN unlisted ON unlisted.as_of = COALESCE(accounted.as_of, slate.as_of)
LEFT JOIN without_defense ON without_defense.as_of = accounted.as_of
{%- endif %}
