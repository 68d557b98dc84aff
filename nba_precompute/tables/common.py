"""What every Phase 4 table carries: completeness, readiness and their closed sets (contract, section 3)."""

from __future__ import annotations

from nba_precompute.tables.schema import Column

MINIMUM_GAMES = 5
"""Games in the sample that a ready row needs, for every table."""

LOOKBACK_DAYS = 30
"""How many dates before a date its box scores visibly gate it; older ones of the season are guarded by the coverage
columns."""

TRAILING_DATES = 14
"""Game dates that a date is compared with."""

READY_COMPLETENESS = 90
"""Percent of the expected games that must be covered for a row to be ready."""

AMBIGUOUS_PLAYER = "AMBIGUOUS_PLAYER"
CONTEXT_INVALID = "CONTEXT_INVALID"
NO_PRIOR_GAMES = "NO_PRIOR_GAMES"
FAILURE_REASONS = (AMBIGUOUS_PLAYER, CONTEXT_INVALID, NO_PRIOR_GAMES)
"""Why a population member may have no row; where two apply, the first is recorded."""

POPULATIONS = {
    "scheduled_teams": "on a game date, every team on the season's schedule",
    "known_players": "on a game date, every player who played earlier in the season or is listed for the date",
    "listed_players": "every player listed for a game of the date",
}
"""Who must have an answer for a date, by the macro of `sql/population.sql` that says so."""

QUALITY_ISSUES = (
    "incomplete_window",
    "below_minimum_games",
    "stale_player",
    "zone_data_missing",
    "upstream_player_shot_zone_not_ready",
    "upstream_team_defense_not_ready",
    "upstream_composite_not_ready",
    "upstream_daily_cache_not_ready",
    "upstream_context_not_ready",
    "missing_inputs",
)
"""The closed set of `data_quality_issues`, in the order in which a row lists them."""

_COVERAGE = (
    "nbac_schedule.game_date",
    "player_game_summary.minutes_played",
    "player_game_summary.points",
    "team_offense_game_summary.points_scored",
    "team_defense_game_summary.defending_team_abbr",
)


def completeness_columns(window: int, games: str) -> tuple[Column, ...]:
    """The completeness columns of a table.

    Args:
        window: the table's main window N, in games.
        games: `table.column` of the dates of the entity's own games.
    """
    return (
        Column(
            "expected_games_count",
            "INT64",
            f"games of the row's team before the date in the season, the newest {window} of them",
            unit="games",
            nullable=False,
            range=(0, window),
            lineage=("nbac_schedule.game_date",),
        ),
        Column(
            "actual_games_count",
            "INT64",
            "how many of exactly those are covered: at least 5 played rows, minutes of at least 235, points equal "
            "to the team's, and both team rows",
            unit="games",
            nullable=False,
            range=(0, window),
            lineage=_COVERAGE,
        ),
        Column(
            "missing_games_count",
            "INT64",
            "expected less actual",
            unit="games",
            nullable=False,
            range=(0, window),
            lineage=_COVERAGE,
        ),
        Column(
            "completeness_percentage",
            "FLOAT64",
            "100 * actual / expected; 100 where nothing is expected",
            unit="percent",
            nullable=False,
            range=(0, 100),
            lineage=_COVERAGE,
        ),
        Column(
            "games_in_sample",
            "INT64",
            f"games that entered the main window, at most {window}",
            unit="games",
            nullable=False,
            range=(0, window),
            lineage=(games,),
        ),
        Column("window_first_game_date", "DATE", "oldest game in the main window", lineage=(games,)),
        Column(
            "window_last_game_date",
            "DATE",
            "newest game in the main window; always before the row's date",
            lineage=(games,),
        ),
        Column(
            "early_season_flag",
            "BOOL",
            f"fewer than {window} games in the sample",
            nullable=False,
            lineage=(games,),
        ),
        Column(
            "insufficient_data_reason",
            "STRING",
            "NULL, or the games in the sample and the minimum, in words",
            lineage=(games,),
        ),
        Column(
            "data_quality_issues",
            "ARRAY<STRING>",
            "what is wrong with the row, in the order of the closed set; stale_player needs an earlier game",
            nullable=False,
            values=QUALITY_ISSUES,
            lineage=(*_COVERAGE, games),
        ),
        Column(
            "is_production_ready",
            "BOOL",
            f"completeness of at least {READY_COMPLETENESS}, at least {MINIMUM_GAMES} games, and every upstream row "
            "that it reads exists and is ready",
            nullable=False,
            lineage=(*_COVERAGE, games),
        ),
    )


def version_column(name: str, version: str) -> Column:
    """The column that names the version of a table's formulas."""
    return Column(name, "STRING", "version of the formulas", nullable=False, values=(version,))
