{#- Waives one side of a game, unless it is waived already. -#}
{%- set given_date = "DATE '%s'" % date -%}
MERGE INTO {{ relation(waivers) }} AS waiver
USING (
  SELECT {{ given_date }} AS game_date, {{ team | literal }} AS team_abbr, {{ reason | literal }} AS reason,
    {{ waived_by | literal }} AS waived_by, {{ now }} AS created_at
) AS given
ON waiver.game_date = given.game_date AND waiver.team_abbr = given.team_abbr AND waiver.game_date = {{ given_date }}
WHEN NOT MATCHED BY TARGET AND given.game_date = {{ given_date }} THEN INSERT
  (game_date, team_abbr, reason, waived_by, created_at)
  VALUES (given.game_date, given.team_abbr, given.reason, given.waived_by, given.created_at)
