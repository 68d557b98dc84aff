"""The five inputs, restated (contract, section 2): declared columns in declaration order, and the keys.

Restated rather than imported: the order enters the hash that breaks ties, and a declaration that changes by
accident must not change the oracle with it.
"""

from __future__ import annotations

from dataclasses import dataclass

ZONES = ("paint", "mid_range", "three_pt")


@dataclass(frozen=True)
class Source:
    """One source table.

    Attributes:
        key: what a row is about, the date first.
        codes: the team codes that must not be blank.
        team: whose game the row is about; the schedule's rows are about two teams.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    codes: tuple[str, ...] = ()
    team: str | None = None


def _typed(type_: str, names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, type_) for name in names.split())


_GAME = (("game_id", "STRING"), ("game_date", "DATE"), ("season_year", "INT64"))
_PERSON = _typed("STRING", "player_lookup universal_player_id")
_PROCESSED_AT = (("processed_at", "TIMESTAMP"),)

PLAYER_GAMES = Source(
    "player_game_summary",
    (
        *_PERSON,
        *_GAME,
        *_typed("STRING", "team_abbr opponent_team_abbr"),
        *_typed("BOOL", "home_game is_active is_dnp"),
        *_typed("FLOAT64", "minutes_played"),
        *_typed("INT64", "points fg_attempts fg_makes ft_attempts ft_makes"),
        *_typed("INT64", "paint_attempts paint_makes mid_range_attempts mid_range_makes"),
        *_typed("INT64", "three_pt_attempts three_pt_makes assisted_fg_makes unassisted_fg_makes"),
        *_typed("FLOAT64", "usage_rate ts_pct"),
        *_PROCESSED_AT,
    ),
    key=("game_date", "player_lookup"),
    codes=("team_abbr",),
    team="team_abbr",
)

TEAM_DEFENSE_GAMES = Source(
    "team_defense_game_summary",
    (
        *_typed("STRING", "defending_team_abbr opponent_team_abbr"),
        *_GAME,
        *_typed("INT64", "opp_paint_attempts opp_paint_makes opp_mid_range_attempts opp_mid_range_makes"),
        *_typed("INT64", "opp_three_pt_attempts opp_three_pt_makes"),
        *_typed("INT64", "points_in_paint_allowed mid_range_points_allowed three_pt_points_allowed"),
        *_typed("INT64", "blocks_paint blocks_mid_range blocks_three_pt points_allowed"),
        *_typed("FLOAT64", "defensive_rating opponent_pace"),
        *_PROCESSED_AT,
    ),
    key=("game_date", "defending_team_abbr"),
    codes=("defending_team_abbr",),
    team="defending_team_abbr",
)

TEAM_OFFENSE_GAMES = Source(
    "team_offense_game_summary",
    (
        *_typed("STRING", "team_abbr opponent_team_abbr"),
        *_GAME,
        *_typed("INT64", "points_scored"),
        *_typed("FLOAT64", "possessions pace offensive_rating"),
        *_typed("BOOL", "win_flag"),
        *_PROCESSED_AT,
    ),
    key=("game_date", "team_abbr"),
    codes=("team_abbr",),
    team="team_abbr",
)

CONTEXT = Source(
    "upcoming_player_game_context",
    (
        *_PERSON,
        *_GAME,
        *_typed("STRING", "team_abbr opponent_team_abbr"),
        *_typed("BOOL", "home_game"),
        *_typed("STRING", "player_status"),
        *_typed("INT64", "player_age"),
        *_typed("FLOAT64", "projected_usage_rate"),
        *_typed("INT64", "star_teammates_out"),
        *_typed("BOOL", "is_production_ready"),
        *_PROCESSED_AT,
    ),
    key=("game_date", "player_lookup"),
    team="team_abbr",
)

SCHEDULE = Source(
    "nbac_schedule",
    (
        *_GAME,
        *_typed("STRING", "home_team_tricode away_team_tricode"),
        *_typed("INT64", "game_status"),
        *_typed("STRING", "game_type"),
    ),
    key=("game_date", "game_id"),
    codes=("home_team_tricode", "away_team_tricode"),
)

SOURCES = (SCHEDULE, PLAYER_GAMES, TEAM_DEFENSE_GAMES, TEAM_OFFENSE_GAMES, CONTEXT)
FACTS = (PLAYER_GAMES, TEAM_DEFENSE_GAMES, TEAM_OFFENSE_GAMES)
