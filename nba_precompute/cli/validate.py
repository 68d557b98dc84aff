"""`validate`: every rule of the contract, checked on the published rows."""

from __future__ import annotations

import typer
from rich.markdown import Markdown

from nba_precompute.cli.app import PARTIAL, AsJson, First, Last, dates_between
from nba_precompute.cli.output import console, print_json
from nba_precompute.warehouse import warehouse_from_environment


def command(first: First, last: Last, as_json: AsJson = False) -> None:
    """Check the published rows against the contract, date by date.

    Reads only the tables. Ends with exit code 0 if every rule of every check holds on every date, with 3 if one does
    not.

    Example: `nba-precompute validate --from 2021-10-19 --to 2021-11-30`
    """
    from nba_precompute.quality.validation import as_dict, markdown, validate

    validations = validate(warehouse_from_environment(), dates_between(first, last))
    if as_json:
        print_json([as_dict(validation) for validation in validations])
    else:
        console().print(Markdown(markdown(validations)))
    if not all(validation.holds for validation in validations):
        raise typer.Exit(PARTIAL)
