"""The five source tables: Phase 3 box-score analytics and the schedule (contract, section 2).

Exactly the columns that the product reads or checks are declared. A warehouse or a file may carry more; those are
ignored. `load-phase3`, the simulator, the SQL and the external assets all read these declarations.
"""

from __future__ import annotations

from nba_precompute.tables.schema import Column, ColumnType, Source

COUNTING_GAME_TYPES = ("regular_season", "play_in", "playoffs")
"""The game types that count; pre-season and All-Star games are ignored (contract, section 2)."""

ZONES = ("paint", "mid_range", "three_pt")

SAMPLE_GAME_ID_PREFIX = "SIM"
"""The prefix of every game id of the simulated league, by which sample data is recognized wherever it turns up."""

CLEANING_KINDS = {
    "null_keys": "{count} rows with a NULL key left out of {source}",
    "duplicates": "{count} duplicate rows dropped from {source}",
    "conflicts": "{count} keys of {source} had rows that differ",
    "ambiguous_keys": "{count} keys of {source} belong to several people, and none of their rows is used",
}
"""What cleaning a source finds, by kind, in words; `sql/macros/daily.sql` counts each kind per date."""


def _columns(type_: ColumnType, **descriptions: str) -> tuple[Column, ...]:
    return tuple(Column(name, type_, description) for name, description in descriptions.items())


def _zone_counts(prefix: str, whose: str) -> tuple[Column, ...]:
    return tuple(
        Column(f"{prefix}{zone}_{kind}", "INT64", f"{whose} {kind} in the {zone} zone", unit="shots")
        for zone in ZONES
        for kind in ("attempts", "makes")
    )


_GAME = (
    *_columns("STRING", game_id="the league's game id; never joined by"),
    *_columns("DATE", game_date="the league's calendar date (America/New_York)"),
    *_columns("INT64", season_year="the year in which the season starts"),
)
_PROCESSED_AT = _columns("TIMESTAMP", processed_at="when Phase 3 wrote the row (UTC); the newest wins")

PLAYER_GAME_SUMMARY = Source(
    dataset="nba_analytics",
    name="player_game_summary",
    description="One row per player per game: the box score with shot zones.",
    columns=(
        *_columns(
            "STRING",
            player_lookup="lower-case name, letters and digits only",
            universal_player_id="identifies the person; two of them under one key are two people",
        ),
        *_GAME,
        *_columns("STRING", team_abbr="the team that he played for", opponent_team_abbr="the team played against"),
        *_columns(
            "BOOL",
            home_game="whether his team was at home",
            is_active="whether he was on the active list",
            is_dnp="whether he did not play",
        ),
        Column("minutes_played", "FLOAT64", "minutes on court", unit="minutes"),
        *_columns(
            "INT64",
            points="points scored",
            fg_attempts="field goals attempted",
            fg_makes="field goals made",
            ft_attempts="free throws attempted",
            ft_makes="free throws made",
        ),
        *_zone_counts("", "field goal"),
        *_columns(
            "INT64",
            assisted_fg_makes="field goals made off an assist",
            unassisted_fg_makes="field goals made without an assist",
        ),
        Column("usage_rate", "FLOAT64", "share of team possessions used while on court", unit="percent"),
        Column("ts_pct", "FLOAT64", "true shooting percentage", unit="fraction"),
        *_PROCESSED_AT,
    ),
    key=("game_date", "player_lookup"),
    identity="universal_player_id",
)

TEAM_DEFENSE_GAME_SUMMARY = Source(
    dataset="nba_analytics",
    name="team_defense_game_summary",
    description="One row per defending team per game: what it allowed, by zone.",
    columns=(
        *_columns(
            "STRING",
            defending_team_abbr="the defending team",
            opponent_team_abbr="the team it defended against",
        ),
        *_GAME,
        *_zone_counts("opp_", "the opponent's"),
        *_columns(
            "INT64",
            points_in_paint_allowed="points allowed in the paint",
            mid_range_points_allowed="points allowed from mid-range",
            three_pt_points_allowed="points allowed from three",
            blocks_paint="blocks in the paint",
            blocks_mid_range="blocks from mid-range",
            blocks_three_pt="blocks on threes",
            points_allowed="points allowed",
        ),
        Column("defensive_rating", "FLOAT64", "points allowed per 100 possessions"),
        Column("opponent_pace", "FLOAT64", "the opponent's possessions per 48 minutes"),
        *_PROCESSED_AT,
    ),
    key=("game_date", "defending_team_abbr"),
)

TEAM_OFFENSE_GAME_SUMMARY = Source(
    dataset="nba_analytics",
    name="team_offense_game_summary",
    description="One row per team per game: scoring, pace and result.",
    columns=(
        *_columns("STRING", team_abbr="the team", opponent_team_abbr="the team played against"),
        *_GAME,
        *_columns("INT64", points_scored="points scored"),
        Column("possessions", "FLOAT64", "possessions in the game"),
        Column("pace", "FLOAT64", "possessions per 48 minutes"),
        Column("offensive_rating", "FLOAT64", "points scored per 100 possessions"),
        *_columns("BOOL", win_flag="whether the team won"),
        *_PROCESSED_AT,
    ),
    key=("game_date", "team_abbr"),
)

UPCOMING_PLAYER_GAME_CONTEXT = Source(
    dataset="nba_analytics",
    name="upcoming_player_game_context",
    description="One row per player listed before tip-off for a game on game_date.",
    columns=(
        *_columns(
            "STRING",
            player_lookup="lower-case name, letters and digits only",
            universal_player_id="identifies the person; two of them under one key are two people",
        ),
        *_GAME,
        *_columns("STRING", team_abbr="his team", opponent_team_abbr="tonight's opponent"),
        *_columns("BOOL", home_game="whether his team is at home"),
        *_columns("STRING", player_status="injury report status before tip-off"),
        *_columns("INT64", player_age="age in years"),
        Column("projected_usage_rate", "FLOAT64", "usage projected for tonight", unit="percent"),
        *_columns("INT64", star_teammates_out="star teammates who are out tonight"),
        *_columns("BOOL", is_production_ready="FALSE where Phase 3 does not vouch for the row"),
        *_PROCESSED_AT,
    ),
    key=("game_date", "player_lookup"),
    identity="universal_player_id",
)

NBAC_SCHEDULE = Source(
    dataset="nba_raw",
    name="nbac_schedule",
    description="One row per game of the season.",
    columns=(
        *_GAME,
        *_columns("STRING", home_team_tricode="the home team", away_team_tricode="the visiting team"),
        *_columns("INT64", game_status="1 scheduled, 2 live, 3 final, 4 postponed or cancelled"),
        *_columns("STRING", game_type="regular_season, play_in, playoffs; everything else is ignored"),
    ),
    key=("game_id",),
)

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        NBAC_SCHEDULE,
        PLAYER_GAME_SUMMARY,
        TEAM_DEFENSE_GAME_SUMMARY,
        TEAM_OFFENSE_GAME_SUMMARY,
        UPCOMING_PLAYER_GAME_CONTEXT,
    )
}

SCHEDULE = NBAC_SCHEDULE.name
CONTEXT = UPCOMING_PLAYER_GAME_CONTEXT.name

FACT_SOURCES = (PLAYER_GAME_SUMMARY.name, TEAM_DEFENSE_GAME_SUMMARY.name, TEAM_OFFENSE_GAME_SUMMARY.name)
"""The box scores: a date reads those before it. Of the schedule and the context it reads its own."""
