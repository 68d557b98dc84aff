{#- The predecessor's box scores. `home_game` is the schedule's. Its `three_pt_*` are the box score's; where the zones are complete,
    the threes of the play-by-play are from the same shots as paint and mid-range.
    needs: `schedule`, the SELECT of the schedule. -#}
{%- import 'forms/predecessor/common.sql' as theirs with context -%}
{%- macro threes(kind) -%}
{%- if 'has_complete_shot_zones' in columns -%}
IF(has_complete_shot_zones, three_{{ kind }}_pbp, three_pt_{{ kind }}) AS three_pt_{{ kind }}
{%- else -%}
three_pt_{{ kind }}
{%- endif -%}
{%- endmacro -%}
SELECT
  player_lookup, universal_player_id, game_id, game_date, season_year, team_abbr, opponent_team_abbr, is_home AS home_game,
  is_active, {{ theirs.since('is_dnp') }}, minutes_played, points, fg_attempts, fg_makes, ft_attempts, ft_makes,
  paint_attempts, paint_makes, mid_range_attempts, mid_range_makes, {{ threes('attempts') }}, {{ threes('makes') }},
  assisted_fg_makes, unassisted_fg_makes, usage_rate, ts_pct, processed_at
FROM {{ table_name }}
LEFT JOIN (
  SELECT game_date AS side_date, IF(is_home_side, home_team_tricode, away_team_tricode) AS side_team,
    LOGICAL_OR(is_home_side) AS is_home
  FROM (
{{ schedule }}
  ) AS games
  CROSS JOIN UNNEST([TRUE, FALSE]) AS is_home_side
  WHERE game_status IS DISTINCT FROM 4
  GROUP BY side_date, side_team
) AS side ON side_date = game_date AND side_team = team_abbr
WHERE {{ theirs.partitions() }}
