"""`nba-precompute`: what the operator needs beside dagster's own commands.

Each module here holds the commands of one kind and registers them with `app.app`; importing them is what makes the
command line whole. What a command does is elsewhere in the package: here are arguments, tables and exit codes.
"""

from __future__ import annotations

from nba_precompute.cli import (
    backfill,
    coverage,
    diff,
    docs,
    doctor,
    estimate,
    explain,
    export,
    observation,
    phase3,
    plan,
    report,
    status,
    warehouse,
)
from nba_precompute.cli.app import Refused, app, console
from nba_precompute.warehouse import WarehouseError

__all__ = [
    "app",
    "backfill",
    "coverage",
    "diff",
    "docs",
    "doctor",
    "estimate",
    "explain",
    "export",
    "main",
    "observation",
    "phase3",
    "plan",
    "report",
    "status",
    "warehouse",
]


def main() -> None:
    """The entry point: errors that say what to do end with exit code 1, without a traceback."""
    from nba_precompute.features import FeatureError
    from nba_precompute.operations.export import ExportError
    from nba_precompute.warehouse.frames import FrameError

    try:
        app()
    except (WarehouseError, FrameError, FeatureError, ExportError, Refused) as error:
        console(stderr=True).print(f"[red]error:[/red] {error}", soft_wrap=True)
        raise SystemExit(1) from None
