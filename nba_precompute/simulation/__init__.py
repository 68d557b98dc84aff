"""A simulated league: sample data in the exact shape of the five Phase 3 sources.

No player, game or result is real. The data exercises every path of the product without real data: trades, injuries and
long absences, did-not-plays, postponed and moved games, play-in and playoffs, All-Star and pre-season rows. Every game
id starts with `SAMPLE_GAME_ID_PREFIX` and every person's id with `sim_`, so that sample data can be recognized. Team
abbreviations are real; team strengths are random.

Here: drawing a league and a season, as Arrow tables. Not here: loading them (`sources/`), the command
(`cli/simulate.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["simulate_season"]


def simulate_season(season_year: int, seed: int = 0) -> dict[str, pa.Table]:
    """Simulate one whole season, from the pre-season to the last game of the finals.

    Args:
        season_year: the year in which the season starts, 1970 to 2099. Each season is a separate league.
        seed: another seed gives another league. Equal arguments give equal tables, row for row.

    Returns:
        The five sources by table name, each with exactly the declared columns in the declared order:
        STRING `string`, INT64 `int64`, FLOAT64 `double`, BOOL `bool`, DATE `date32`, TIMESTAMP
        `timestamp('us', tz='UTC')`. A season has 1,230 played regular-season games, 6 of the play-in and 60
        to 105 of the playoffs; about 39,000 rows of box scores and 45,000 of contexts. Rows are ordered by
        date and game.

    Raises:
        ValueError: `season_year` is out of range or `seed` is negative.
    """
    # Imported here because the command line imports this package: numpy and pyarrow would slow down `--help`.
    from nba_precompute.simulation.season import simulate

    return simulate(season_year, seed)
