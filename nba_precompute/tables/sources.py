"""Declarations of the five source tables: Phase 3 box-score analytics and the schedule (contract, section 2).

Here: exactly the columns that the product reads or checks (other columns of a warehouse or a file are ignored), and
the closed sets of the sources. Not here: reading and observing sources (`sources/`).
"""

from __future__ import annotations

from nba_precompute.tables.schema import Column, Source, columns_of

COUNTING_GAME_TYPES = ("regular_season", "play_in", "playoffs")
"""The types of the games that count (contract, section 1)."""

GAME_TYPES = (*COUNTING_GAME_TYPES, "preseason", "all_star", "cup_final")
"""The closed set of game types (contract, section 2a)."""

ZONE_LABELS = {"paint": "paint", "mid_range": "mid_range", "three_pt": "perimeter"}
"""The label of each shot zone as a value of a column (contract, section 1)."""

ZONES = tuple(ZONE_LABELS)

SAMPLE_GAME_ID_PREFIX = "SIM"
"""The prefix of every game id of the simulated league, by which sample data is recognized wherever it turns up."""

FINDINGS = {
    "blank_key": "rows of {source} with a blank key or team: {count}",
    "wrong_season": "rows of {source} with the season_year of another season: {count}",
    "not_counting": "rows of {source} from games that do not count: {count}",
    "off_schedule": "rows of {source} without a game on the schedule: {count}",
    "unknown_game_type": "games of an unknown type in {source}: {count}",
    "zones_disagree": "rows of {source} with zone attempts that cannot be those of their field goals: {count}",
    "duplicates": "duplicate rows dropped from {source}: {count}",
    "conflicts": "keys of {source} with rows that differ: {count}",
    "several_keys": "people with a further player_lookup in {source}: {count}",
    "several_people": "people who share a player_lookup with another one in {source}: {count}",
}
"""The text of each kind of finding of admission and cleaning (contract, sections 2 and 2a), counted per date by
`sql/macros/daily.sql`."""

SET_ASIDE = ("blank_key", "wrong_season", "not_counting", "off_schedule")
"""The findings whose rows enter no window."""

FAULTS = ("off_schedule", "unknown_game_type", "zones_disagree")
"""The findings that fail the check of their source: without a correction, good rows are missing or wrong."""


def _zone_counts(prefix: str, whose: str) -> tuple[Column, ...]:
    return tuple(
        Column(
            name=f"{prefix}{zone}_{kind}", type="INT64", description=f"{whose} {kind} in the {zone} zone", unit="shots"
        )
        for zone in ZONES
        for kind in ("attempts", "makes")
    )


_GAME = (
    *columns_of("STRING", game_id="the league's game id; no join uses it, but it tells whether a game was moved"),
    *columns_of("DATE", game_date="the league's calendar date (America/New_York)"),
    *columns_of("INT64", season_year="the year in which the season starts"),
)
_PROCESSED_AT = columns_of(
    "TIMESTAMP", processed_at="time at which Phase 3 wrote the row (UTC); of several rows of a key, the newest wins"
)

PLAYER_GAME_SUMMARY = Source(
    dataset="nba_analytics",
    name="player_game_summary",
    description="One row per player per game: the box score with shot zones.",
    columns=(
        *columns_of(
            "STRING",
            player_lookup="lower-case name, letters and digits only",
            universal_player_id="identifies the person, under whatever player_lookup",
        ),
        *_GAME,
        *columns_of("STRING", team_abbr="team of the player in the game", opponent_team_abbr="opponent"),
        *columns_of(
            "BOOL",
            home_game="TRUE if the team of the player was at home",
            is_active="TRUE if the player was on the active list",
            is_dnp="TRUE if the player did not play",
        ),
        Column(name="minutes_played", type="FLOAT64", description="minutes on the court", unit="minutes"),
        *columns_of(
            "INT64",
            points="points scored",
            fg_attempts="field goals attempted",
            fg_makes="field goals made",
            ft_attempts="free throws attempted",
            ft_makes="free throws made",
        ),
        *_zone_counts("", "field goal"),
        *columns_of(
            "INT64",
            assisted_fg_makes="field goals made off an assist",
            unassisted_fg_makes="field goals made without an assist",
        ),
        Column(
            name="usage_rate",
            type="FLOAT64",
            description="percentage of team possessions used while on the court",
            unit="percent",
        ),
        Column(name="ts_pct", type="FLOAT64", description="true shooting percentage", unit="fraction"),
        *_PROCESSED_AT,
    ),
    key=("game_date", "player_lookup"),
    placing_columns=("game_date", "player_lookup", "team_abbr"),
    team_column="team_abbr",
    is_about_people=True,
)

TEAM_DEFENSE_GAME_SUMMARY = Source(
    dataset="nba_analytics",
    name="team_defense_game_summary",
    description="One row per defending team per game: what it allowed, by zone.",
    columns=(
        *columns_of(
            "STRING",
            defending_team_abbr="defending team",
            opponent_team_abbr="opponent of the team",
        ),
        *_GAME,
        *_zone_counts("opp_", "the opponent's"),
        *columns_of(
            "INT64",
            points_in_paint_allowed="points allowed in the paint",
            mid_range_points_allowed="points allowed from mid-range",
            three_pt_points_allowed="points allowed from three",
            blocks_paint="blocks in the paint",
            blocks_mid_range="blocks from mid-range",
            blocks_three_pt="blocks on threes",
            points_allowed="points allowed",
        ),
        Column(name="defensive_rating", type="FLOAT64", description="points allowed per 100 possessions"),
        Column(name="opponent_pace", type="FLOAT64", description="the opponent's possessions per 48 minutes"),
        *_PROCESSED_AT,
    ),
    key=("game_date", "defending_team_abbr"),
    placing_columns=("game_date", "defending_team_abbr"),
    team_column="defending_team_abbr",
)

TEAM_OFFENSE_GAME_SUMMARY = Source(
    dataset="nba_analytics",
    name="team_offense_game_summary",
    description="One row per team per game: scoring, pace and result.",
    columns=(
        *columns_of("STRING", team_abbr="team", opponent_team_abbr="opponent"),
        *_GAME,
        *columns_of("INT64", points_scored="points scored"),
        Column(name="possessions", type="FLOAT64", description="possessions in the game"),
        Column(name="pace", type="FLOAT64", description="possessions per 48 minutes"),
        Column(name="offensive_rating", type="FLOAT64", description="points scored per 100 possessions"),
        *columns_of("BOOL", win_flag="TRUE if the team won"),
        *_PROCESSED_AT,
    ),
    key=("game_date", "team_abbr"),
    placing_columns=("game_date", "team_abbr"),
    team_column="team_abbr",
)

UPCOMING_PLAYER_GAME_CONTEXT = Source(
    dataset="nba_analytics",
    name="upcoming_player_game_context",
    description="One row per player listed before tip-off for a game on game_date.",
    columns=(
        *columns_of(
            "STRING",
            player_lookup="lower-case name, letters and digits only",
            universal_player_id="identifies the person, under whatever player_lookup",
        ),
        *_GAME,
        *columns_of("STRING", team_abbr="team of the player", opponent_team_abbr="opponent on game_date"),
        *columns_of("BOOL", home_game="TRUE if the team of the player is at home"),
        *columns_of("STRING", player_status="injury report status before tip-off"),
        *columns_of("INT64", player_age="age in years"),
        Column(
            name="projected_usage_rate", type="FLOAT64", description="usage rate projected for the game", unit="percent"
        ),
        *columns_of("INT64", star_teammates_out="star teammates who miss the game"),
        *columns_of("BOOL", is_production_ready="FALSE if Phase 3 does not consider the row ready"),
        *_PROCESSED_AT,
    ),
    key=("game_date", "player_lookup"),
    placing_columns=("game_date", "player_lookup"),  # without a team, the listed player is a recorded failure
    team_column="team_abbr",
    is_about_people=True,
)

NBAC_SCHEDULE = Source(
    dataset="nba_raw",
    name="nbac_schedule",
    description="One row per game of the season.",
    columns=(
        *_GAME,
        *columns_of("STRING", home_team_tricode="home team", away_team_tricode="visiting team"),
        *columns_of("INT64", game_status="1 scheduled, 2 live, 3 final, 4 postponed or canceled"),
        *columns_of(
            "STRING", game_type="regular_season, play_in or playoffs; preseason, all_star and cup_final do not count"
        ),
    ),
    key=("game_id",),
    placing_columns=("game_date", "game_id", "home_team_tricode", "away_team_tricode"),
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
"""The box scores: a date reads only earlier ones. From the schedule and the context, it reads its own rows."""
