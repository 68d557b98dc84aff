"""`simulate`: a season of sample data, in the warehouse or as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nba_precompute.calendar import season_span
from nba_precompute.cli.load_phase3 import load_progress, show_loaded
from nba_precompute.cli.output import say
from nba_precompute.warehouse import warehouse_from_environment


def command(
    season: Annotated[
        int, typer.Option(metavar="YEAR", help="Year in which the season starts, such as 2021 for 2021-22.")
    ],
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Another seed gives another league.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write Parquet files to this folder instead of loading the warehouse."),
    ] = None,
) -> None:
    """Load one season of a simulated league as sample data.

    The same season and seed always give the same data. Another seed replaces the season.

    Example: `nba-precompute simulate --season 2021 --seed 7`
    """
    from nba_precompute.simulation import simulate_season

    try:
        tables = simulate_season(season, seed)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if out is None:
        from nba_precompute.sources import load

        whole_season = season_span(season)
        with load_progress() as on_table:
            loaded = load(warehouse_from_environment(), tables, on_table, between=whole_season, allow_shrink=True)
        show_loaded(f"simulated league {season}, seed {seed} (sample data)", loaded)
        return
    import pyarrow.parquet as pq

    out.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        pq.write_table(rows, out / f"{name}.parquet")
    say(f"sample data of a simulated league: {len(tables)} tables in {out}")
