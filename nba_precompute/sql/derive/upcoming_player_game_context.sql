{#- A row per person who may be expected in a game that counts, up to the first date after the season's newest box score. Who
    is expected follows from facts before the date:
      1. the newest roster of a team that was imported on or before the date, and for this team no one else
      2. the team of the newest game in the days before the date
      3. the first roster of a team that was imported later, for everyone else
    Not derivable, and NULL: projected_usage_rate, star_teammates_out, is_production_ready. -#}
{%- import 'macros/league.sql' as league_files with context -%}
WITH {{ league_files.basis() }},
appearances AS (
  SELECT box.person_id, box.team_id, game.game_id, game.game_date, game.season_year, box.processed_at
  FROM {{ relation(league.LEAGUE_PLAYER_GAMES) }} AS box
  JOIN games AS game ON game.game_id = box.game_id
  WHERE game.game_type != 'all_star'
),
newest_box_scores AS (
  SELECT season_year, MAX(game_date) AS game_date FROM appearances GROUP BY season_year
),
slate AS (
  SELECT side.*
  FROM sides AS side
  LEFT JOIN newest_box_scores AS newest ON newest.season_year = side.season_year
  WHERE side.game_date IS NOT NULL AND side.game_status IS DISTINCT FROM 4
    AND side.game_type IN ({{ counting_game_types | map('literal') | join(', ') }})
  QUALIFY side.game_date <= MIN(IF(newest.game_date IS NULL OR side.game_date > newest.game_date, side.game_date, NULL))
      OVER (PARTITION BY side.season_year)
    OR side.game_date <= newest.game_date
),
dates AS (
  SELECT DISTINCT game_date AS as_of, season_year FROM slate
),
rosters AS (
  SELECT DISTINCT roster_team_id AS team_id, season_year, processed_at, DATE(processed_at, 'America/New_York') AS known_on
  FROM {{ relation(league.LEAGUE_PEOPLE) }}
  WHERE {{ league_files.of_seasons() }} AND roster_team_id IS NOT NULL
),
rosters_of_dates AS (
  SELECT run_date.as_of, roster.team_id, roster.season_year, roster.processed_at, roster.known_on,
    roster.known_on <= run_date.as_of AS is_known
  FROM dates AS run_date
  JOIN rosters AS roster ON roster.season_year = run_date.season_year
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY run_date.as_of, roster.team_id
    ORDER BY
      IF(roster.known_on <= run_date.as_of, 0, 1),
      IF(roster.known_on <= run_date.as_of, roster.processed_at, NULL) DESC,
      roster.processed_at
  ) = 1
),
expected AS (
  SELECT roster.as_of, person.person_id, roster.team_id, IF(roster.is_known, 1, 3) AS precedence,
    roster.known_on AS game_date, '' AS game_id, roster.processed_at
  FROM rosters_of_dates AS roster
  JOIN {{ relation(league.LEAGUE_PEOPLE) }} AS person
    ON person.roster_team_id = roster.team_id AND person.season_year = roster.season_year
    AND person.processed_at = roster.processed_at
  UNION ALL
  SELECT run_date.as_of, appearance.person_id, appearance.team_id, 2, appearance.game_date, appearance.game_id,
    appearance.processed_at
  FROM dates AS run_date
  JOIN appearances AS appearance
    ON appearance.season_year = run_date.season_year
    AND appearance.game_date >= DATE_SUB(run_date.as_of, INTERVAL {{ league.CONTEXT_DAYS }} DAY)
    AND appearance.game_date < run_date.as_of
  LEFT JOIN rosters_of_dates AS roster
    ON roster.as_of = run_date.as_of AND roster.team_id = appearance.team_id AND roster.is_known
  WHERE roster.team_id IS NULL
),
members AS (
  SELECT as_of, person_id, team_id, processed_at
  FROM expected
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY as_of, person_id ORDER BY precedence, game_date DESC, game_id DESC) = 1
),
listed AS (
  SELECT member.person_id, person.player_lookup, side.*, GREATEST(side.processed_at, member.processed_at) AS written_at
  FROM members AS member
  JOIN slate AS side ON side.game_date = member.as_of AND side.team_id = member.team_id
  LEFT JOIN people AS person ON person.person_id = member.person_id
),
births AS (
  SELECT person_id, MAX(birth_date) AS birth_date
  FROM {{ relation(league.LEAGUE_PEOPLE) }}
  GROUP BY person_id
),
availability AS (
  SELECT listed.game_date, listed.person_id, availability.status, availability.processed_at
  FROM listed
  JOIN {{ relation(league.LEAGUE_AVAILABILITY) }} AS availability
    ON availability.game_date = listed.game_date
    AND (availability.person_id = listed.person_id
      OR (availability.person_id IS NULL AND {{ league_files.key_of('availability.player') }} = listed.player_lookup))
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY listed.game_date, listed.person_id
    ORDER BY availability.person_id IS NULL, availability.processed_at DESC, availability.player
  ) = 1
)
SELECT listed.player_lookup, listed.person_id AS universal_player_id, listed.game_id, listed.game_date, listed.season_year,
  listed.team_abbr, listed.opponent_abbr AS opponent_team_abbr, listed.is_home AS home_game,
  availability.status AS player_status,
  EXTRACT(YEAR FROM listed.game_date) - EXTRACT(YEAR FROM birth.birth_date)
    - IF(
      EXTRACT(MONTH FROM listed.game_date) * 100 + EXTRACT(DAY FROM listed.game_date)
        < EXTRACT(MONTH FROM birth.birth_date) * 100 + EXTRACT(DAY FROM birth.birth_date), 1, 0
    ) AS player_age,
  CAST(NULL AS FLOAT64) AS projected_usage_rate, CAST(NULL AS INT64) AS star_teammates_out,
  CAST(NULL AS BOOL) AS is_production_ready,
  {{ league_files.newest_time('listed.written_at', 'availability.processed_at') }} AS processed_at
FROM listed
LEFT JOIN births AS birth ON birth.person_id = listed.person_id
LEFT JOIN availability ON availability.game_date = listed.game_date AND availability.person_id = listed.person_id
