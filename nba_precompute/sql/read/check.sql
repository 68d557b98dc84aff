{#- What the three checks of a table count, one row per date that has a game or an answer. A counter `x` that names
    something has an `x_example` beside it. The rules themselves, with their thresholds, are `checks/rules.py`. -#}
{%- import 'macros/arithmetic.sql' as a with context -%}
{%- import 'macros/sources.sql' as s with context -%}
{%- import 'macros/windows.sql' as w with context -%}
{%- import 'macros/population.sql' as p with context -%}
{%- set date, entity = table.key -%}
{%- set names = table.columns | map(attribute='name') | list -%}
{%- set is_listed = 'opponent_team_abbr' in names -%}
{%- macro counted(name, condition, example='entity_id') -%}
COUNT(IF({{ condition }}, 1, NULL)) AS {{ name }}, MIN(IF({{ condition }}, {{ example }}, NULL)) AS {{ name }}_example
{%- endmacro -%}
{%- macro outside(column, bounds) -%} {{ column.name }} < {{ bounds[0] }} OR {{ column.name }} > {{ bounds[1] }} {%- endmacro -%}
{%- macro one_of(values) -%} ({% for value in values %}'{{ value }}'{{ ', ' if not loop.last }}{% endfor %}) {%- endmacro -%}
{#- A value outside the closed set of its column; of an array as one text, which is ten times as fast as its elements. -#}
{%- macro undeclared_value(column) -%}
{%- set alternatives = '(' ~ column.values | default([]) | join('|') ~ ')' %}
{%- if column.type == 'ARRAY<STRING>' %}NOT REGEXP_CONTAINS(ARRAY_TO_STRING({{ column.name }}, ','), r'^({{ alternatives }}(,{{ alternatives }})*)?$')
{%- else %}{{ column.name }} NOT IN {{ one_of(column.values) }}{% endif %}
{%- endmacro -%}
WITH
{{- s.calendar() }}, {{- s.played() }}, {{- s.facts(sources.team_offense_game_summary) }}, {{- s.facts(sources.team_defense_game_summary) }},
{{- s.context() }}, {{- w.game_coverage() }}, {{- p[table.population]() }},
published AS (
  SELECT *, {{ date }} AS as_of, {{ entity }} AS entity_id FROM {{ relation(table) }} WHERE {{ run.dates_of(date) }}
),
answers AS (
  SELECT as_of, entity_id, 1 AS is_row, 0 AS is_failure, FALSE AS is_member FROM published
  UNION ALL
  SELECT as_of_date, entity_id, 0, 1, FALSE FROM {{ relation(failures) }}
  WHERE table_name = '{{ table.name }}' AND {{ run.dates_of('as_of_date') }}
  UNION ALL
  SELECT as_of, entity_id, 0, 0, TRUE FROM population
),
entities AS (
  SELECT as_of, entity_id, SUM(is_row) AS published_rows, SUM(is_failure) AS failures, LOGICAL_OR(is_member) AS is_member
  FROM answers GROUP BY as_of, entity_id
),
answered AS (
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
    COUNT(IF(games_in_sample >= {{ minimum_games }} AND expected_games_count >= {{ minimum_games }}, 1, NULL)) AS sampled_rows,
    COUNT(IF(NOT early_season_flag, 1, NULL)) AS full_rows,
    COUNT(IF(NOT early_season_flag AND is_production_ready, 1, NULL)) AS full_ready_rows,
    {{ counted('windows_not_before_date', 'window_last_game_date >= as_of OR window_first_game_date > window_last_game_date') }},
    {{ counted('hash_mismatches', 'data_hash IS DISTINCT FROM ' ~ a.hash_of(table.hashed_columns)) }}
    {%- if table.zone_rates %},
    {{ counted('zone_rate_sums', 'COALESCE(%s) IS NOT NULL AND COALESCE(ABS(%s - %d) > 0.001 * %d, TRUE)' % (table.zone_rates | join(', '), table.zone_rates | join(' + '), table.zone_rates_total, table.zone_rates_total)) }}
    {%- endif %}
    {%- for column in table.columns %}
    {%- if not column.nullable %},
    COUNT(IF({{ column.name }} IS NULL, 1, NULL)) AS null_{{ column.name }}
    {%- endif %}
    {%- if column.limits %},
    {{ counted('impossible_' ~ column.name, outside(column, column.limits), "CONCAT(entity_id, ' ', CAST(%s AS STRING))" % column.name) }},
    {{ counted('out_of_range_' ~ column.name, 'games_in_sample >= %d AND (%s)' % (minimum_games, outside(column, column.range)), "CONCAT(entity_id, ' ', CAST(%s AS STRING))" % column.name) }}
    {%- endif %}
    {%- if column.values %},
    {{ counted('outside_closed_set_' ~ column.name, undeclared_value(column)) }}
    {%- endif %}
    {%- endfor %}
    {%- if 'feature_sources' in names %},
    {{ counted('malformed_arrays', "feature_count != %d OR ARRAY_LENGTH(features) != %d OR ARRAY_TO_STRING(feature_names, ',') != '%s' OR ARRAY_LENGTH(feature_sources) != %d" % (
      features | length, features | length, features | map(attribute='name') | join(','), features | length)) }}
    {%- for feature in features %},
    {{ counted('array_mismatch_' ~ feature.name, 'features[SAFE_OFFSET(%d)] IS DISTINCT FROM COALESCE(%s, %s) OR COALESCE(feature_sources[SAFE_OFFSET(%d)] = \'default\', FALSE) != (%s IS NULL)' % (
      loop.index0, feature.name, feature.default, loop.index0, feature.name)) }},
    COUNT(IF(NOT early_season_flag AND {{ feature.name }} IS NULL, 1, NULL)) AS defaults_{{ feature.name }}
    {%- endfor %}
    {%- endif %}
  FROM published GROUP BY as_of
),
{#- The required columns of each date and of the game dates before it, where the main window is full: before that, values
    are not comparable. Defaults are NULL and stay out. #}
daily AS (
  SELECT {{ date }} AS as_of, {{ a.season_of(date) }} AS season
    {%- for name in required_columns(table.name) %},
    COUNT({{ name }}) AS n_{{ name }}, SUM({{ name }}) AS s_{{ name }}, SUM({{ name }} * {{ name }}) AS q_{{ name }}, MIN({{ name }}) AS low_{{ name }}, MAX({{ name }}) AS high_{{ name }}
    {%- endfor %}
  FROM {{ relation(table) }}
  WHERE {{ run.trailing(date) }} AND NOT early_season_flag
  GROUP BY as_of, season
),
slates AS (
  SELECT game_date AS as_of, season, COUNT(*) AS teams, SUM(COUNT(*)) OVER (PARTITION BY season ORDER BY game_date ROWS BETWEEN {{ trailing_dates - 1 }} PRECEDING AND CURRENT ROW) AS trailing_teams
  FROM team_schedule GROUP BY game_date, season
),
trailing AS (
  SELECT as_of, COUNT(*) OVER before AS trailing_dates
    {%- for name in required_columns(table.name) %},
    n_{{ name }}, s_{{ name }},
    SUM(n_{{ name }}) OVER before AS trailing_n_{{ name }}, SUM(s_{{ name }}) OVER before AS trailing_s_{{ name }}, SUM(q_{{ name }}) OVER before AS trailing_q_{{ name }},
    MIN(low_{{ name }}) OVER around AS low_{{ name }}, MAX(high_{{ name }}) OVER around AS high_{{ name }}
    {%- endfor %}
  FROM daily
  WINDOW before AS (PARTITION BY season ORDER BY as_of ROWS BETWEEN {{ trailing_dates }} PRECEDING AND 1 PRECEDING),
    around AS (PARTITION BY season ORDER BY as_of ROWS BETWEEN {{ trailing_dates - 1 }} PRECEDING AND CURRENT ROW)
),
uncovered_sides AS (SELECT game_date, season, team_abbr FROM game_coverage WHERE NOT ({{ w.is_covered() }})),
{{- w.as_of('mapped', 'uncovered_sides', w.last_days(lookback_days)) }},
uncovered AS (
  SELECT as_of, COUNT(*) AS uncovered_sides,
    STRING_AGG(IF(place <= 10, CONCAT(team_abbr, ' on ', CAST(game_date AS STRING)), NULL), ', ' ORDER BY place) AS uncovered_sides_example
  FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY as_of ORDER BY game_date DESC, team_abbr) AS place FROM mapped) AS ranked
  GROUP BY as_of
)
{%- if is_listed %},
unlisted AS (
  SELECT t.game_date AS as_of, {{ counted('unlisted_teams', 'k.team_abbr IS NULL', 't.team_abbr') }}
  FROM team_schedule AS t
  LEFT JOIN (SELECT DISTINCT game_date, team_abbr FROM upcoming_player_game_context_rows) AS k ON k.game_date = t.game_date AND k.team_abbr = t.team_abbr
  WHERE {{ run.dates_of('t.game_date') }}
  GROUP BY t.game_date
),
{%- set defense = tables.team_defense_zone_analysis %}
undefended AS (
  SELECT o.as_of, {{ counted('opponents_without_defense', 'd.team_abbr IS NULL', 'o.team_abbr') }}
  FROM (SELECT DISTINCT as_of, opponent_team_abbr AS team_abbr FROM published) AS o
  LEFT JOIN (
    SELECT {{ defense.date_column }} AS as_of, {{ defense.entity_column }} AS team_abbr FROM {{ relation(defense) }} WHERE {{ run.dates_of(defense.date_column) }}
    UNION DISTINCT
    SELECT as_of_date, entity_id FROM {{ relation(failures) }} WHERE table_name = '{{ defense.name }}' AND {{ run.dates_of('as_of_date') }}
  ) AS d ON d.as_of = o.as_of AND d.team_abbr = o.team_abbr
  GROUP BY o.as_of
)
{%- endif %}
SELECT COALESCE(n.as_of, l.as_of) AS date, COALESCE(l.teams, 0) AS teams, COALESCE(l.trailing_teams, 0) AS trailing_teams,
  n.* EXCEPT (as_of), c.* EXCEPT (as_of), t.* EXCEPT (as_of), u.* EXCEPT (as_of)
  {%- if is_listed %}, k.* EXCEPT (as_of), o.* EXCEPT (as_of){% endif %}
FROM answered AS n
FULL JOIN (SELECT * FROM slates WHERE {{ run.dates_of('as_of') }}) AS l ON l.as_of = n.as_of
LEFT JOIN contents AS c ON c.as_of = n.as_of
LEFT JOIN trailing AS t ON t.as_of = n.as_of
LEFT JOIN uncovered AS u ON u.as_of = COALESCE(n.as_of, l.as_of)
{%- if is_listed %}
LEFT JOIN unlisted AS k ON k.as_of = COALESCE(n.as_of, l.as_of)
LEFT JOIN undefended AS o ON o.as_of = n.as_of
{%- endif %}
