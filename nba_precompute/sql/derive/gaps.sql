{#- What the box scores of the seasons lack, one row per game and kind:
      unplaced        the box score has no date: no schedule and no log has the game
      no_box_score    a game that counts is over, and has no box score
      no_shots        the box score has no shots, so that its zones are unknown
      shots_differ    the shots of some player or of a team are not the field goals of the box score
      no_plays        the box score has no plays that tell which makes were assisted
      plays_differ    the makes of the plays are not those of the box score, for some player
    needs: `derived`, the staged rows of player_game_summary. -#}
{%- import 'macros/league.sql' as league_files with context -%}
WITH {{ league_files.basis() }},
{{- league_files.shots() }},
box_score_games AS (
  SELECT DISTINCT game_id FROM {{ relation(league.LEAGUE_PLAYER_GAMES) }}
),
newest AS (
  SELECT game.season_year, MAX(game.game_date) AS game_date
  FROM games AS game
  JOIN box_score_games AS box ON box.game_id = game.game_id
  GROUP BY game.season_year
),
known AS (
  SELECT game_id, COUNTIF(paint_attempts IS NULL) AS without_zones, COUNTIF(assisted_fg_makes IS NULL) AS without_assists
  FROM {{ derived }}
  WHERE is_dnp IS NOT TRUE
  GROUP BY game_id
),
lacking AS (
  SELECT game.game_id,
    CASE WHEN shot_game.game_id IS NULL THEN 'no_shots' WHEN known.without_zones > 0 THEN 'shots_differ' END AS shots,
    CASE WHEN told_game.game_id IS NULL THEN 'no_plays' WHEN known.without_assists > 0 THEN 'plays_differ' END AS plays
  FROM known
  JOIN games AS game ON game.game_id = known.game_id
  LEFT JOIN shot_games AS shot_game ON shot_game.game_id = known.game_id
  LEFT JOIN told_games AS told_game ON told_game.game_id = known.game_id
)
SELECT gap.kind, gap.game_id, game.game_date, game.away_team_tricode, game.home_team_tricode
FROM (
  SELECT 'unplaced' AS kind, box.game_id
  FROM box_score_games AS box
  LEFT JOIN {{ relation(league.LEAGUE_GAMES) }} AS game ON game.game_id = box.game_id
  WHERE game.game_date IS NULL
  UNION ALL
  SELECT 'no_box_score', game.game_id
  FROM games AS game
  LEFT JOIN newest ON newest.season_year = game.season_year
  LEFT JOIN box_score_games AS box ON box.game_id = game.game_id
  WHERE box.game_id IS NULL AND game.game_type IN ({{ counting_game_types | map('literal') | join(', ') }})
    AND (game.game_status = 3 OR (game.game_status IS DISTINCT FROM 4 AND game.game_date < newest.game_date))
  UNION ALL
  SELECT shots, game_id FROM lacking WHERE shots IS NOT NULL
  UNION ALL
  SELECT plays, game_id FROM lacking WHERE plays IS NOT NULL
) AS gap
LEFT JOIN games AS game ON game.game_id = gap.game_id
ORDER BY gap.kind, game.game_date, gap.game_id
