"""The common part of every Phase 4 table: completeness, readiness and their thresholds (contract, section 3).

Here: columns, populations and thresholds that all five tables share. Not here: the columns that the tables of listed
players share (`tables/listed.py`), and the types of a declaration (`tables/schema.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from nba_precompute.tables.schema import Column

MINIMUM_GAMES = 5
"""The smallest number of games in the sample of a ready row, for every table."""

LOOKBACK_DAYS = 30
"""Days before a date whose uncovered box scores fail its check; older games of the season enter the coverage columns
alone."""

TRAILING_DATES = 14
"""The number of game dates before a date whose values the checks compare with its own."""

READY_COMPLETENESS = 90
"""The smallest percentage of covered expected games of a ready row."""

STALE_DAYS = 30
"""A player whose newest game is more than this many days back is stale."""

COVERED_PLAYERS = 5
"""The smallest number of played rows of a covered side."""

COVERED_MINUTES = 235
"""The smallest sum of minutes of a covered side, if none of them is unknown."""

ZONE_ATTEMPTS_PERCENT = (80, 120)
"""Bounds of a row's zone attempts in percent of its field goals attempted; outside, the zones are unknown."""

LOST_JOIN_GAMES = 10
LOST_JOIN_SHARE = 0.25
"""The largest share of listed players who meet no earlier game, where their teams have played `LOST_JOIN_GAMES`: with
more, the keys of the context are not those of the box scores."""

OFF_SCHEDULE_SHARE = 0.1
"""The largest share of the season's box score rows that may be off the schedule: with more, the schedule is cut off."""

LOST_GAMES_SHARE = 0.05
"""The largest share of its counting games that a season's schedule may lose between two runs."""

AMBIGUOUS_PLAYER = "AMBIGUOUS_PLAYER"
CONTEXT_INVALID = "CONTEXT_INVALID"
NO_PRIOR_GAMES = "NO_PRIOR_GAMES"
FAILURE_REASONS = (AMBIGUOUS_PLAYER, CONTEXT_INVALID, NO_PRIOR_GAMES)
"""The reasons why a member of a population has no row; of several, the first is recorded."""

POPULATIONS = {
    "scheduled_teams": "on a game date, every team on the season's schedule",
    "known_players": "on a game date, every player who played earlier in the season or is listed for the date",
    "listed_players": "every player listed for a game of the date",
}
"""The populations, described, by the macro of `sql/macros/population.sql` that selects them."""

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

Tiers = Sequence[tuple[str, float]]
"""Names of tiers with the lowest value of each, best first; a lowest value of 0 takes the rest."""


def tier_names(tiers: Tiers) -> tuple[str, ...]:
    """Return the closed set of a column of tiers."""
    return tuple(name for name, _ in tiers)


def describe_tiers(tiers: Tiers, unit: str = "") -> str:
    """Describe a column of tiers, e.g. "high from 10 games, medium from 7, else low"."""
    (best, lowest), *others = tiers
    words = [f"{best} from {lowest}{' ' * bool(unit)}{unit}"]
    words += [f"{name} from {lowest}" if lowest else f"else {name}" for name, lowest in others]
    return ", ".join(words)


_COVERAGE = (
    "nbac_schedule.game_date",
    "player_game_summary.minutes_played",
    "player_game_summary.points",
    "team_offense_game_summary.points_scored",
    "team_defense_game_summary.defending_team_abbr",
)


def completeness_columns(window: int, games: str) -> tuple[Column, ...]:
    """Return the completeness columns of a table (contract, section 3).

    Args:
        window: the table's main window N, in games.
        games: `table.column` of the dates of the entity's own games.
    """
    return (
        Column(
            name="expected_games_count",
            type="INT64",
            description=f"games of the row's team earlier in the season, at most the newest {window}",
            unit="games",
            nullable=False,
            range=(0, window),
            lineage=("nbac_schedule.game_date",),
        ),
        Column(
            name="actual_games_count",
            type="INT64",
            description=f"expected games that are covered: at least {COVERED_PLAYERS} played rows, at least "
            f"{COVERED_MINUTES} minutes (unless some are unknown), points equal to the team's, and a row in both team "
            "tables",
            unit="games",
            nullable=False,
            range=(0, window),
            lineage=_COVERAGE,
        ),
        Column(
            name="missing_games_count",
            type="INT64",
            description="expected_games_count - actual_games_count",
            unit="games",
            nullable=False,
            range=(0, window),
            lineage=_COVERAGE,
        ),
        Column(
            name="completeness_percentage",
            type="FLOAT64",
            description="100 * actual_games_count / expected_games_count; 100 if no game is expected",
            unit="percent",
            nullable=False,
            range=(0, 100),
            lineage=_COVERAGE,
        ),
        Column(
            name="games_in_sample",
            type="INT64",
            description=f"games in the main window, at most {window}",
            unit="games",
            nullable=False,
            range=(0, window),
            lineage=(games,),
        ),
        Column(
            name="window_first_game_date", type="DATE", description="oldest game in the main window", lineage=(games,)
        ),
        Column(
            name="window_last_game_date",
            type="DATE",
            description="newest game in the main window; always before the date of the row",
            lineage=(games,),
        ),
        Column(
            name="early_season_flag",
            type="BOOL",
            description=f"fewer than {window} games in the sample",
            nullable=False,
            lineage=(games,),
        ),
        Column(
            name="insufficient_data_reason",
            type="STRING",
            description=f"text with the games in the sample and the minimum; NULL with at least {MINIMUM_GAMES} games",
            lineage=(games,),
        ),
        Column(
            name="data_quality_issues",
            type="ARRAY<STRING>",
            description="quality issues of the row, in the order of the closed set; stale_player: an earlier game, "
            f"but none in the last {STALE_DAYS} days",
            nullable=False,
            values=QUALITY_ISSUES,
            lineage=(*_COVERAGE, games),
        ),
        Column(
            name="is_production_ready",
            type="BOOL",
            description=f"completeness of at least {READY_COMPLETENESS} percent, at least {MINIMUM_GAMES} games in "
            "the sample, and "
            "every upstream row that the row reads exists and is ready",
            nullable=False,
            lineage=(*_COVERAGE, games),
        ),
    )


def version_column(name: str, version: str) -> Column:
    """Return the column that names the version of a table's formulas."""
    return Column(name=name, type="STRING", description="version of the formulas", nullable=False, values=(version,))
