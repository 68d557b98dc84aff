{#- The seasons that an import may change: those of its games, rosters and dates, and those of people whose name changes. A
    season without a game in the raw tables is none. -#}
{%- import 'macros/league.sql' as league_files with context -%}
WITH games AS (
  SELECT game_id, game_date, season_year FROM {{ relation(league.LEAGUE_GAMES) }}
  UNION ALL
  SELECT game_id, game_date, season_year FROM {{ before(league.LEAGUE_GAMES) }}
),
renamed AS (
  SELECT name.person_id
  FROM ({{ league_files.newest_names(relation) }}) AS name
  JOIN ({{ league_files.newest_names(before) }}) AS earlier ON earlier.person_id = name.person_id
  WHERE earlier.player_name != name.player_name
)
SELECT DISTINCT season_year
FROM (
  SELECT games.season_year
  FROM renamed
  JOIN {{ relation(league.LEAGUE_PLAYER_GAMES) }} AS box ON box.person_id = renamed.person_id
  JOIN games ON games.game_id = box.game_id
  {%- for stage in game_stages %}
  UNION ALL
  SELECT games.season_year FROM games JOIN {{ stage }} AS given ON given.game_id = games.game_id
  {%- endfor %}
  {%- if people_stage %}
  UNION ALL
  SELECT season_year FROM {{ people_stage }}
  {%- endif %}
  {%- if availability_stage %}
  UNION ALL
  SELECT games.season_year
  FROM games
  JOIN {{ availability_stage }} AS availability ON availability.game_date = games.game_date
  {%- endif %}
) AS seasons
WHERE season_year IN (SELECT season_year FROM games)
ORDER BY season_year
