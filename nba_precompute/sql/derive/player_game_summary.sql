{#- A row per person of a box score. Zones are known where the person's shots are exactly the field goals of the box score, and
    assisted makes where the plays' makes are. -#}
{%- import 'macros/arithmetic.sql' as math with context -%}
{%- import 'macros/league.sql' as league_files with context -%}
WITH {{ league_files.basis() }},
{{- league_files.shots() }},
{{- league_files.totals() }},
shooters AS (
  SELECT game_id, person_id, {{ league_files.zone_columns() }}
  FROM shots
  GROUP BY game_id, person_id
),
scorers AS (
  SELECT game_id, person_id, COUNTIF(is_made) AS makes, COUNTIF(is_made AND is_assisted) AS assisted_makes
  FROM field_goals
  GROUP BY game_id, person_id
),
rows_of_games AS (
  SELECT box.* EXCEPT (three_pt_attempts, three_pt_makes), person.player_lookup, game.game_date, game.season_year,
    COALESCE(side.team_abbr, box.team_tricode) AS team_abbr, side.opponent_abbr,
    COALESCE(side.is_home, box.is_home) AS home_game,
    shot_game.game_id IS NOT NULL AND COALESCE(shooter.attempts, 0) = box.fg_attempts
      AND COALESCE(shooter.makes, 0) = box.fg_makes AS has_zones,
    told_game.game_id IS NOT NULL AND COALESCE(scorer.makes, 0) = box.fg_makes AS has_assists,
    {%- for zone in zones %}
    COALESCE(shooter.{{ zone }}_attempts, 0) AS {{ zone }}_attempts, COALESCE(shooter.{{ zone }}_makes, 0) AS {{ zone }}_makes,
    {%- endfor %}
    COALESCE(scorer.assisted_makes, 0) AS assisted_makes,
    SAFE_DIVIDE(
      100 * {{ league_files.uses('box') }} * (48 + 5 * total.overtimes),
      box.minutes * total.player_uses
    ) AS usage_rate,
    IF(
      box.fg_attempts > 0, box.points / (2 * (box.fg_attempts + {{ league.FREE_THROW_WEIGHT }} * box.ft_attempts)), NULL
    ) AS ts_pct,
    shot_game.processed_at AS shots_at, told_game.processed_at AS plays_at
  FROM {{ relation(league.LEAGUE_PLAYER_GAMES) }} AS box
  JOIN games AS game ON game.game_id = box.game_id
  LEFT JOIN sides AS side ON side.game_id = box.game_id AND side.team_id = box.team_id
  LEFT JOIN people AS person ON person.person_id = box.person_id
  LEFT JOIN totals AS total ON total.game_id = box.game_id AND total.team_id = box.team_id
  LEFT JOIN shot_games AS shot_game ON shot_game.game_id = box.game_id
  LEFT JOIN told_games AS told_game ON told_game.game_id = box.game_id
  LEFT JOIN shooters AS shooter ON shooter.game_id = box.game_id AND shooter.person_id = box.person_id
  LEFT JOIN scorers AS scorer ON scorer.game_id = box.game_id AND scorer.person_id = box.person_id
  WHERE game.game_date IS NOT NULL
)
SELECT player_lookup, person_id AS universal_player_id, game_id, game_date, season_year, team_abbr,
  opponent_abbr AS opponent_team_abbr, home_game,
  CASE
    WHEN did_play OR STARTS_WITH(comment, 'DNP') THEN TRUE
    WHEN STARTS_WITH(comment, 'DND') OR STARTS_WITH(comment, 'NWT') THEN FALSE
  END AS is_active,
  NOT did_play AS is_dnp, minutes AS minutes_played, points, fg_attempts, fg_makes, ft_attempts, ft_makes,
  {%- for zone in zones %}
  IF(has_zones, {{ zone }}_attempts, NULL) AS {{ zone }}_attempts, IF(has_zones, {{ zone }}_makes, NULL) AS {{ zone }}_makes,
  {%- endfor %}
  IF(has_assists, assisted_makes, NULL) AS assisted_fg_makes,
  IF(has_assists, fg_makes - assisted_makes, NULL) AS unassisted_fg_makes,
  IF(minutes >= 1 AND usage_rate <= 100, {{ math.rounded('usage_rate') }}, NULL) AS usage_rate,
  {{ math.rounded('ts_pct') }} AS ts_pct,
  {{ league_files.newest_time('processed_at', 'shots_at', 'plays_at') }} AS processed_at
FROM rows_of_games
