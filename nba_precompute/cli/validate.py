"""`validate`: every rule of the contract, checked on the published rows."""

from __future__ import annotations

import typer

from nba_precompute.cli.app import PARTIAL, AsJson, First, Last, Strict, dates_between, note_nothing_there
from nba_precompute.cli.output import data_table, number_columns, print_json, say, show, text_columns
from nba_precompute.warehouse import warehouse_from_environment


def command(first: First, last: Last, strict: Strict = False, as_json: AsJson = False) -> None:
    """Check the published rows against the contract, date by date.

    Reads only the tables. Broken rules of `complete` and `valid`, dates without rows and suspicious weeks are problems;
    broken rules of `plausible` are warnings. Ends with exit code 3 if there is a problem (with `--strict`: or a
    warning), or if there was nothing to check because the dates have no schedule; else with 0.

    Example: `nba-precompute validate --from 2021-10-19 --to 2021-11-30`
    """
    from nba_precompute.quality.validation import (
        SUMMARY_HEADINGS,
        as_dict,
        problem_lines,
        summary_cells,
        validate,
        warning_lines,
    )

    warehouse, dates = warehouse_from_environment(), dates_between(first, last)
    validations = validate(warehouse, dates)
    is_good = all(validation.holds for validation in validations)
    warnings = sum(len(validation.warnings) for validation in validations)
    if as_json:
        print_json([as_dict(validation) for validation in validations])
    else:
        columns = [*text_columns(SUMMARY_HEADINGS[0]), *number_columns(*SUMMARY_HEADINGS[1:])]
        show(data_table("", columns, [summary_cells(validation) for validation in validations]))
        for problem in problem_lines(validations):
            say(problem, "red")
        for warning in warning_lines(validations):
            say(f"warning: {warning}", "yellow")
    if not any(validation.dates_checked for validation in validations):
        is_good = not note_nothing_there(warehouse, dates, stderr=as_json)
    elif is_good and not as_json:
        say(f"no problem on any date, {warnings} warnings" if warnings else "no rule is broken on any date", "green")
    if not is_good or (strict and warnings):
        raise typer.Exit(PARTIAL)
