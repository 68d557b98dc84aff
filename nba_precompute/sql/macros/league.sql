{#- The league's files as sets of games: teams, people, totals of a side, shots by zone. Read by `derive/`.
    needs: `relation` (the raw tables as an import leaves them), `league` (their declarations and constants), `seasons`. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}

{%- macro of_seasons() -%} {{ 'season_year IN (%s)' % (seasons | join(', ')) if seasons else 'FALSE' }} {%- endmacro -%}

{#- The key of a name: lower-case, without accents, letters and digits only. -#}
{%- macro key_of(name) -%}
{%- set folded = 'TRANSLATE(LOWER(%s), %s, %s)' % (name, league.FOLDED[0] | literal, league.FOLDED[1] | literal) -%}
NULLIF(REGEXP_REPLACE({{ folded }}, r'[^a-z0-9]', ''), '')
{%- endmacro -%}

{#- The zone of a shot by its coordinates, in tenths of a foot from the hoop. -#}
{%- macro zone_of(x, y) -%}
CASE
      WHEN ABS({{ x }}) >= {{ league.CORNER_X }} AND {{ y }} <= {{ league.CORNER_Y }} THEN 'three_pt'
      WHEN {{ x }} * {{ x }} + {{ y }} * {{ y }} >= {{ league.ARC * league.ARC }} THEN 'three_pt'
      WHEN ABS({{ x }}) <= {{ league.PAINT_X }} AND {{ y }} <= {{ league.PAINT_Y }} THEN 'paint'
      ELSE 'mid_range'
    END
{%- endmacro -%}

{#- A sum that is unknown where one of its parts is. -#}
{%- macro whole_sum(x) -%} IF(COUNTIF({{ x }} IS NULL) > 0, NULL, SUM({{ x }})) {%- endmacro -%}

{#- The newest of a known time and others, each of which may be NULL. -#}
{%- macro newest_time(known) -%}
GREATEST({{ known }}{% for other in varargs %}, COALESCE({{ other }}, {{ known }}){% endfor %})
{%- endmacro -%}

{#- The newest name of each person: in any box score, else on any roster. -#}
{%- macro newest_names(relation_of) %}
  SELECT person_id, player_name
  FROM (
    SELECT box.person_id, box.player_name, 1 AS is_box_score, game.game_date
    FROM {{ relation_of(league.LEAGUE_PLAYER_GAMES) }} AS box
    JOIN {{ relation_of(league.LEAGUE_GAMES) }} AS game ON game.game_id = box.game_id
    UNION ALL
    SELECT person_id, player_name, 0, DATE(COALESCE(season_year, 1), 7, 1)
    FROM {{ relation_of(league.LEAGUE_PEOPLE) }}
  ) AS names
  WHERE player_name IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY is_box_score DESC, game_date DESC, player_name) = 1
{%- endmacro -%}

{#- The CTEs of every derivation:
      games    the games of the seasons
      sides    a row per team of a game, with its opponent
      people   the key of each person: that of the newest name -#}
{%- macro basis() %}
games AS (
  SELECT * FROM {{ relation(league.LEAGUE_GAMES) }} WHERE {{ of_seasons() }}
),
sides AS (
  SELECT game_id, game_date, season_year, game_status, game_type, processed_at, home_team_id AS team_id,
    home_team_tricode AS team_abbr, away_team_id AS opponent_id, away_team_tricode AS opponent_abbr, TRUE AS is_home
  FROM games
  UNION ALL
  SELECT game_id, game_date, season_year, game_status, game_type, processed_at, away_team_id,
    away_team_tricode, home_team_id, home_team_tricode, FALSE
  FROM games
),
newest_names AS ({{ newest_names(relation) }}
),
people AS (
  SELECT person_id, {{ key_of('player_name') }} AS player_lookup FROM newest_names
)
{%- endmacro -%}

{#- The CTEs of a game's shots:
      plays        the plays of the seasons
      shots        every field goal attempt with its zone: from plays with coordinates, else from files of shots
      shot_games   the games that have shots
      told_games   the games whose plays tell which makes were assisted and which misses were blocked -#}
{%- macro shots() %}
plays AS (
  SELECT play.*
  FROM {{ relation(league.LEAGUE_PLAYS) }} AS play
  JOIN games ON games.game_id = play.game_id
),
field_goals AS (
  SELECT game_id, action_number, person_id, team_id, is_made, is_assisted, is_blocked, x, y, processed_at
  FROM plays
  WHERE kind = 'field_goal'
),
charted_games AS (
  SELECT DISTINCT game_id FROM field_goals WHERE x IS NOT NULL AND y IS NOT NULL
),
blocked_shots AS (
  SELECT DISTINCT game_id, action_number FROM field_goals WHERE is_blocked
),
located_shots AS (
  SELECT game_id, action_number AS event_id, person_id, team_id, is_made, x, y, processed_at
  FROM field_goals
  UNION ALL
  SELECT shot.game_id, shot.event_id, shot.person_id, shot.team_id, shot.is_made, shot.x, shot.y, shot.processed_at
  FROM {{ relation(league.LEAGUE_SHOTS) }} AS shot
  JOIN games ON games.game_id = shot.game_id
  LEFT JOIN charted_games ON charted_games.game_id = shot.game_id
  WHERE charted_games.game_id IS NULL
),
shots AS (
  SELECT shot.game_id, shot.person_id, shot.team_id, shot.is_made, blocked.game_id IS NOT NULL AS is_blocked,
    shot.processed_at, {{ zone_of('shot.x', 'shot.y') }} AS zone
  FROM located_shots AS shot
  LEFT JOIN blocked_shots AS blocked ON blocked.game_id = shot.game_id AND blocked.action_number = shot.event_id
  WHERE shot.x IS NOT NULL AND shot.y IS NOT NULL
),
shot_games AS (
  SELECT game_id, MAX(processed_at) AS processed_at FROM shots GROUP BY game_id
),
told_games AS (
  SELECT game_id, MAX(processed_at) AS processed_at
  FROM field_goals
  GROUP BY game_id
  HAVING COUNTIF(is_made AND is_assisted IS NULL) = 0 AND COUNTIF(NOT is_made AND is_blocked IS NULL) = 0
)
{%- endmacro -%}

{#- The attempts, the makes and the blocked shots of each zone, as columns of a GROUP BY over shots. -#}
{%- macro zone_columns() %}
{%- for zone in zones %}
    COUNTIF(zone = '{{ zone }}') AS {{ zone }}_attempts,
    COUNTIF(zone = '{{ zone }}' AND is_made) AS {{ zone }}_makes,
    COUNTIF(zone = '{{ zone }}' AND is_blocked) AS {{ zone }}_blocked,
{%- endfor %}
    COUNT(*) AS attempts, COUNTIF(is_made) AS makes, COUNTIF(is_blocked) AS blocked
{%- endmacro -%}

{#- The CTEs of a side's totals:
      box_scores   the rows of the box scores of people who are not listed as having stayed out
      own          the plays of a team that are nobody's: turnovers
      totals       a row per side: what its players and the team itself counted. `minutes` are those of the whole team,
                   240 and 25 per overtime: by the file with the team's totals, else by the last period of the plays or
                   shots, else by the minutes of the players, if half an overtime at most is missing
    needs: the CTEs of basis() and shots(). -#}
{%- macro totals() %}
box_scores AS (
  SELECT box.*
  FROM {{ relation(league.LEAGUE_PLAYER_GAMES) }} AS box
  JOIN games ON games.game_id = box.game_id
  WHERE box.did_play IS NOT FALSE
),
player_totals AS (
  SELECT game_id, team_id, {{ whole_sum('points') }} AS points, {{ whole_sum('fg_attempts') }} AS fg_attempts,
    {{ whole_sum('fg_makes') }} AS fg_makes, {{ whole_sum('ft_attempts') }} AS ft_attempts,
    {{ whole_sum('offensive_rebounds') }} AS offensive_rebounds, {{ whole_sum('turnovers') }} AS turnovers,
    {{ whole_sum('blocks') }} AS blocks, {{ math.total('minutes') }} AS minutes,
    MAX(processed_at) AS processed_at
  FROM box_scores
  GROUP BY game_id, team_id
),
play_games AS (
  SELECT game_id, MAX(period) AS last_period FROM plays GROUP BY game_id
),
own AS (
  SELECT game_id, team_id, COUNT(*) AS turnovers
  FROM plays
  WHERE kind = 'turnover' AND person_id IS NULL
  GROUP BY game_id, team_id
),
shot_periods AS (
  SELECT shot.game_id, MAX(shot.period) AS last_period
  FROM {{ relation(league.LEAGUE_SHOTS) }} AS shot
  JOIN games ON games.game_id = shot.game_id
  GROUP BY shot.game_id
),
lengths AS (
  SELECT player.game_id,
    COALESCE(
      MAX(IF(team.minutes > 0, CAST(ROUND((team.minutes - 240) / 25) AS INT64), NULL)),
      MAX(play_game.last_period) - 4,
      MAX(shot.last_period) - 4,
      IF(MAX(player.minutes) >= 227.5, CAST(ROUND((MAX(player.minutes) - 240) / 25) AS INT64), NULL)
    ) AS overtimes
  FROM player_totals AS player
  LEFT JOIN {{ relation(league.LEAGUE_TEAM_GAMES) }} AS team
    ON team.game_id = player.game_id AND team.team_id = player.team_id
  LEFT JOIN play_games AS play_game ON play_game.game_id = player.game_id
  LEFT JOIN shot_periods AS shot ON shot.game_id = player.game_id
  GROUP BY player.game_id
),
totals AS (
  SELECT player.game_id, player.team_id, COALESCE(team.points, player.points) AS points,
    COALESCE(team.fg_attempts, player.fg_attempts) AS fg_attempts, COALESCE(team.fg_makes, player.fg_makes) AS fg_makes,
    COALESCE(team.ft_attempts, player.ft_attempts) AS ft_attempts,
    COALESCE(player.offensive_rebounds, team.offensive_rebounds) AS offensive_rebounds,
    {{ uses('player') }} AS player_uses,
    IF(
      play_game.game_id IS NOT NULL,
      player.turnovers + COALESCE(own.turnovers, 0),
      COALESCE(GREATEST(team.turnovers, player.turnovers), player.turnovers, team.turnovers)
    ) AS turnovers,
    COALESCE(team.blocks, player.blocks) AS blocks, IF(length.overtimes < 0, 0, length.overtimes) AS overtimes,
    {{ newest_time('player.processed_at', 'team.processed_at') }} AS processed_at
  FROM player_totals AS player
  LEFT JOIN {{ relation(league.LEAGUE_TEAM_GAMES) }} AS team
    ON team.game_id = player.game_id AND team.team_id = player.team_id
  LEFT JOIN play_games AS play_game ON play_game.game_id = player.game_id
  LEFT JOIN own ON own.game_id = player.game_id AND own.team_id = player.team_id
  LEFT JOIN lengths AS length ON length.game_id = player.game_id
)
{%- endmacro -%}

{#- Possessions of a side, and its use of them; `side` is a row of totals or of a box score. -#}
{%- macro uses(side) -%}
({{ side }}.fg_attempts + {{ league.FREE_THROW_WEIGHT }} * {{ side }}.ft_attempts + {{ side }}.turnovers)
{%- endmacro -%}
{%- macro possessions(side) -%} ({{ uses(side) }} - {{ side }}.offensive_rebounds) {%- endmacro -%}
{%- macro pace(side) -%} (48 * {{ possessions(side) }} / (48 + 5 * {{ side }}.overtimes)) {%- endmacro -%}
