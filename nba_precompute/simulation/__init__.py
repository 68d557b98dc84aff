"""A simulated league: invented sample data in the exact shape of the five Phase 3 sources.

Nothing in here is a real player, game or result. It exists so that every path of the product can be run
without a warehouse: trades, injuries and long absences, did-not-plays, postponed and moved games, play-in
and playoffs, All-Star and pre-season rows. Every game id starts with `SAMPLE_GAME_ID_PREFIX` and every
person's id with `sim_`, so that sample data is recognised wherever it turns up.

The teams' abbreviations are real, because readers expect them; their strengths are drawn at random.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["simulate_season"]


def simulate_season(season_year: int, seed: int = 0) -> dict[str, pa.Table]:
    """Play one whole season, from the pre-season to the last game of the finals.

    Args:
        season_year: the year in which the season starts, 1970 to 2099. Each season is a league of its own.
        seed: another seed is another league. Equal arguments give equal tables, row for row.

    Returns:
        The five sources by table name, each with exactly the declared columns in the declared order:
        STRING `string`, INT64 `int64`, FLOAT64 `double`, BOOL `bool`, DATE `date32`, TIMESTAMP
        `timestamp('us', tz='UTC')`. A season has 1,230 played regular-season games, 6 of the play-in and 60
        to 105 of the playoffs; about 39,000 rows of box scores and 45,000 of contexts. Rows are ordered by
        date and game.

    Raises:
        ValueError: `season_year` is out of range or `seed` is negative.
    """
    # Imported here: the command line imports this package, and numpy and pyarrow take longer than `--help`.
    from nba_precompute.simulation.season import simulate

    return simulate(season_year, seed)
