{#- The rows of each source per date: all, simulated, real; a row without a game id is neither. -#}
{%- set is_sample = "STARTS_WITH(game_id, '%s')" % sample_game_id_prefix -%}
{%- for source in sources.values() %}
SELECT '{{ source.name }}' AS name, {{ source.date_column }} AS as_of, COUNT(*) AS row_count,
  COUNT(IF({{ is_sample }}, 1, NULL)) AS sample_rows, COUNT(IF(NOT {{ is_sample }}, 1, NULL)) AS real_rows
FROM {{ relation(source) }}
WHERE {{ within(source.date_column) }}
GROUP BY {{ source.date_column }}
{{- '\nUNION ALL' if not loop.last }}
{%- endfor %}
