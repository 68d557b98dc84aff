{#- People: whose games a row is computed from (contract, section 2a). A person is the `identity` of their rows: `id:` and the
    universal_player_id, or `key:` and the player_lookup of someone without one.

    A `history` is the set of identities whose games belong to a person on a date: nearly always the person alone. Where box
    scores lack an id and their key means exactly one person, those games belong to that person too, from the date on which
    this is known: then the history is named after all of its identities, joined by `+`.
    needs: CTE run_dates, and the CTEs of sources.played() and sources.context(). -#}
{%- import 'macros/sources.sql' as src with context -%}
{%- import 'macros/windows.sql' as win with context -%}

{#- The CTEs of identity:
      meanings        as of each date, the people whom a key of rows without an id means: only keys with such rows
      merged          the people with several identities on a date, and their history
      history_games   the played games of every history; zones that disagree with the field goals are unknown
      context_people  the key, team and history of each context row; no history where the key means several people -#}
{%- macro identities() %}
unnamed_games AS (
  SELECT DISTINCT season, player_lookup, identity FROM played WHERE STARTS_WITH(identity, 'key:')
),
unnamed AS (
  SELECT season, player_lookup FROM unnamed_games
  UNION DISTINCT
  SELECT season, player_lookup FROM upcoming_player_game_context WHERE STARTS_WITH(identity, 'key:')
),
named AS (
  SELECT source_row.season, source_row.player_lookup, source_row.identity, MIN(source_row.game_date) AS game_date
  FROM player_game_summary_rows AS source_row
  JOIN unnamed ON unnamed.season = source_row.season AND unnamed.player_lookup = source_row.player_lookup
  WHERE STARTS_WITH(source_row.identity, 'id:')
  GROUP BY source_row.season, source_row.player_lookup, source_row.identity
),
{{- win.as_of('known_names', 'named') }},
meanings AS (
  SELECT as_of, season, player_lookup, MIN(identity) AS person, MIN(identity) < MAX(identity) AS is_shared
  FROM (
    SELECT as_of, season, player_lookup, identity FROM known_names
    UNION ALL
    SELECT context.game_date, context.season, context.player_lookup, context.identity
    FROM upcoming_player_game_context_rows AS context
    JOIN unnamed ON unnamed.season = context.season AND unnamed.player_lookup = context.player_lookup
    WHERE STARTS_WITH(context.identity, 'id:')
  ) AS names
  GROUP BY as_of, season, player_lookup
),
merged_identities AS (
  SELECT meaning.as_of, meaning.season, meaning.person, unnamed_game.identity
  FROM meanings AS meaning
  JOIN unnamed_games AS unnamed_game
    ON unnamed_game.season = meaning.season AND unnamed_game.player_lookup = meaning.player_lookup
  WHERE NOT meaning.is_shared
),
merged AS (
  SELECT as_of, season, person, CONCAT(person, '+', STRING_AGG(identity, '+' ORDER BY identity)) AS history
  FROM merged_identities
  GROUP BY as_of, season, person
),
merged_members AS (
  SELECT DISTINCT merged.season, merged.history, member.identity
  FROM merged
  JOIN merged_identities AS member ON member.as_of = merged.as_of AND member.person = merged.person
  UNION DISTINCT
  SELECT season, history, person FROM merged
),
merged_games AS (  -- two rows of one date in a history are copies
  SELECT game.*, member.history, TRUE AS is_merged
  FROM merged_members AS member
  JOIN played AS game ON game.season = member.season AND game.identity = member.identity
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY member.season, member.history, game.game_date ORDER BY {{ src.winner_first(sources.player_game_summary, 'game') }}
  ) = 1
),
history_games AS (
  SELECT * EXCEPT (
      {%- for zone in zones %}{{ zone }}_attempts, {{ zone }}_makes{{ ', ' if not loop.last }}{% endfor %}),
    {%- for zone in zones %}
    IF(zones_disagree, NULL, {{ zone }}_attempts) AS {{ zone }}_attempts, IF(zones_disagree, NULL, {{ zone }}_makes) AS {{ zone }}_makes,
    {%- endfor %}
    LAG(game_date) OVER (PARTITION BY season, history ORDER BY game_date) = DATE_SUB(game_date, INTERVAL 1 DAY) AS is_second_night
  FROM (
    SELECT *, identity AS history, FALSE AS is_merged FROM played
    UNION ALL
    SELECT * FROM merged_games
  ) AS games
),
context_people AS (
  SELECT person.as_of, person.player_lookup, person.team_abbr, COALESCE(merged.history, person.person) AS history
  FROM (
    SELECT context.game_date AS as_of, context.player_lookup, context.team_abbr,
      CASE WHEN meaning.as_of IS NULL THEN context.identity WHEN NOT meaning.is_shared THEN meaning.person END AS person
    FROM upcoming_player_game_context AS context
    LEFT JOIN meanings AS meaning
      ON STARTS_WITH(context.identity, 'key:') AND meaning.as_of = context.game_date
        AND meaning.player_lookup = context.player_lookup
  ) AS person
  LEFT JOIN merged ON merged.as_of = person.as_of AND merged.person = person.person
)
{%- endmacro -%}

{#- The CTE newest_keys: the key of each history's newest game before each date.
    needs: CTEs run_dates, history_games. -#}
{%- macro newest_keys() %}
newest_games AS (
  SELECT game_date, season, history, is_merged, player_lookup, {{ win.next_game_date('history') }} FROM history_games
),
{{- win.as_of('newest_keys', 'newest_games', win.newest()) }}
{%- endmacro -%}

{#- The CTE unlisted_people: everyone who has a played game before the date and is not in its context, by the key of their newest
    game. A history is a person's only if it is the largest that is known on the date; nobody's games make no person.
    needs: the CTEs of identities() and newest_keys(). -#}
{%- macro unlisted_people() %}
unlisted_people AS (
  SELECT newest_key.as_of, newest_key.player_lookup, newest_key.history
  FROM newest_keys AS newest_key
  LEFT JOIN merged AS own ON own.as_of = newest_key.as_of AND own.history = newest_key.history
  LEFT JOIN merged AS larger ON larger.as_of = newest_key.as_of AND larger.person = newest_key.history
  LEFT JOIN meanings AS meaning
    ON meaning.as_of = newest_key.as_of AND CONCAT('key:', meaning.player_lookup) = newest_key.history
  LEFT JOIN context_people AS listed ON listed.as_of = newest_key.as_of AND listed.history = newest_key.history
  WHERE listed.as_of IS NULL AND meaning.as_of IS NULL
    AND IF(newest_key.is_merged, own.as_of IS NOT NULL, larger.as_of IS NULL)
)
{%- endmacro -%}
