"""The command line `nba-precompute`: a thin module per command, registered here.

Here: arguments, printed tables and exit codes. Not here: the work itself, which is in the package that a command calls
(`operations/`, `sources/`, `quality/`, ...). A new command is a module with a function `command` (or, for several under
one name, a `group`) and a line below.
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
    fetch,
    import_files,
    init,
    load_phase3,
    observe,
    plan,
    report,
    simulate,
    sources,
    status,
    validate,
    waive,
)
from nba_precompute.cli.app import Refused, app
from nba_precompute.cli.output import say_problem
from nba_precompute.warehouse import WarehouseError

__all__ = ["app", "main"]

_PANELS = {
    "Set up": {"init": init, "doctor": doctor},
    "Load": {
        "fetch": fetch,
        "import": import_files,
        "load-phase3": load_phase3,
        "simulate": simulate,
        "observe": observe,
    },
    "Compute": {"plan": plan, "backfill": backfill, "waive": waive},
    "Inspect": {"status": status, "validate": validate, "explain": explain, "diff": diff, "report": report},
    "Export": {"export": export, "docs": docs},
}
"""Every command, in the order of the help."""

_RENAMED = {"coverage": coverage, "estimate": estimate}
"""Hidden for one release: each names the command that replaces it."""

for _panel, _commands in _PANELS.items():
    for _name, _module in _commands.items():
        app.command(_name, rich_help_panel=_panel)(_module.command)
app.add_typer(sources.group, name="sources", rich_help_panel="Load")
for _name, _module in _RENAMED.items():
    app.command(_name, hidden=True)(_module.command)


def main() -> None:
    """Run the command line; errors for the operator end with exit code 1, without a traceback."""
    from nba_precompute.features import FeatureError
    from nba_precompute.operations.export import ExportError
    from nba_precompute.warehouse.frames import FrameError

    try:
        app()
    except (WarehouseError, FrameError, FeatureError, ExportError, Refused) as error:
        say_problem("error", str(error))
        raise SystemExit(1) from None
