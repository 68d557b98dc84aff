"""`validate`: every rule of the contract, checked on the published rows."""

from __future__ import annotations

import typer

from nba_precompute.cli.app import PARTIAL, AsJson, First, Last, dates_between
from nba_precompute.cli.output import data_table, number_columns, print_json, say, show, text_columns
from nba_precompute.warehouse import warehouse_from_environment


def command(first: First, last: Last, as_json: AsJson = False) -> None:
    """Check the published rows against the contract, date by date.

    Reads only the tables. Ends with exit code 0 if every rule of every check holds on every date, with 3 if one does
    not.

    Example: `nba-precompute validate --from 2021-10-19 --to 2021-11-30`
    """
    from nba_precompute.quality.validation import SUMMARY_HEADINGS, as_dict, problem_lines, summary_cells, validate

    validations = validate(warehouse_from_environment(), dates_between(first, last))
    if as_json:
        print_json([as_dict(validation) for validation in validations])
    else:
        columns = [*text_columns(SUMMARY_HEADINGS[0]), *number_columns(*SUMMARY_HEADINGS[1:])]
        show(data_table("", columns, [summary_cells(validation) for validation in validations]))
        for problem in problem_lines(validations):
            say(problem, "red")
        if all(validation.holds for validation in validations):
            say("no rule is broken on any date", "green")
    if not all(validation.holds for validation in validations):
        raise typer.Exit(PARTIAL)
