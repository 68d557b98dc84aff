"""One row, or why there is none, in words and numbers."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table as RichTable

from nba_precompute.cli.app import PARTIAL, AsJson, app, console, print_json, shown
from nba_precompute.tables import TABLES
from nba_precompute.tables.schema import by_relation
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from nba_precompute.operations.explain.explanation import Explanation, FeatureValue, SourceRows, Value

GAMES_SHOWN = 20
"""Games of the longest window; older ones, which enter only the means of the season, are counted."""


@app.command()
def explain(
    table: Annotated[str, typer.Argument(help="One of the five tables.")],
    key: Annotated[str, typer.Argument(help="A player_lookup such as jaysontatum, or a team such as BOS.")],
    date: Annotated[dt.datetime, typer.Argument(formats=["%Y-%m-%d"], help="The game date.")],
    as_json: AsJson = False,
) -> None:
    """Explain one row: every value with its formula, the source rows that entered, completeness and what is missing.

    Who has no row is told why. Ends with exit code 3 where the date was not computed.

    Example: nba-precompute explain ml_feature_store_v2 jaysontatum 2021-12-25
    """
    from nba_precompute.operations.explain import reading as explaining
    from nba_precompute.operations.explain.explanation import Answer

    try:
        found = explaining.explain(warehouse_from_environment(), explaining.table_named(table), key, date.date())
    except explaining.UnknownEntity as error:
        raise typer.BadParameter(str(error)) from None
    if as_json:
        print_json(asdict(found))
    else:
        _show(console(), found)
    if found.answer is Answer.NOT_COMPUTED:
        raise typer.Exit(PARTIAL)


def _show(screen: Console, found: Explanation) -> None:
    for sentence in found.summary:
        screen.print(escape(sentence), soft_wrap=True)
    window = TABLES[found.table].window
    sources = [_source(rows, window) for rows in found.sources]
    for part in (_features(found), _values(found), _expected(found), *sources):
        if part is not None:
            screen.print()
            screen.print(part)


def _table(title: str, *headings: str, numbers: Sequence[str] = ()) -> RichTable:
    table = RichTable(title=title, title_justify="left")
    for heading in headings:
        is_date = heading in ("date", "game_date")
        # Headings wrap between words; column names as values stay whole.
        table.add_column(
            heading.replace("_", " "),
            justify="right" if heading in numbers else "left",
            overflow="fold",
            no_wrap=is_date,
        )
    return table


def _features(found: Explanation) -> RichTable | None:
    if not found.features:
        return None
    headings = ("#", "feature", "value", "tier", "default", "plausible", "formula and lineage")
    table = _table("features, in their order", *headings, numbers=("#", "value", "default"))
    for one in found.features:
        tier = one.tier if one.required or not one.is_default else f"{one.tier}, not required"
        low, high = one.range
        table.add_row(
            str(one.index),
            one.name,
            f"[red]{shown(one.value)}[/red]" if one.is_out_of_range else shown(one.value),
            f"[yellow]{tier}[/yellow]" if one.is_default else tier,
            shown(one.default),
            f"{low:g} to {high:g}",
            _formula(one),
        )
    return table


def _values(found: Explanation) -> RichTable | None:
    if not found.values:
        return None
    table = _table("values", "column", "value", "formula and lineage", numbers=("value",))
    named = {feature.name for feature in found.features} | {"features", "feature_names", "feature_sources"}
    for value in found.values:
        if found.features and value.column in named:
            continue  # in the table above
        text = escape(shown(value.value))
        table.add_row(
            value.column,
            f"{text} [red](now {escape(shown(value.now))})[/red]" if value.is_stale else text,
            _formula(value),
        )
    return table


def _formula(of: Value | FeatureValue) -> str:
    """The formula with its unit, and below it `table: column, column` for each table of its lineage."""
    origins = "; ".join(f"{relation}: {', '.join(names)}" for relation, names in by_relation(of.lineage).items())
    return escape(of.formula + (f" [{of.unit}]" if of.unit else "")) + (f"\n[dim]{origins}[/dim]" if origins else "")


def _expected(found: Explanation) -> RichTable | None:
    if not found.expected_games:
        return None
    table = _table(f"expected games of {found.team}", "date", "covered", "why not")
    for game in found.expected_games:
        covered = "[green]yes[/green]" if game.is_covered else "[red]no[/red]"
        table.add_row(str(game.date), covered, escape("; ".join(game.why_not)))
    return table


def _source(source: SourceRows, window: int) -> RichTable:
    """Earlier games as lines, with a rule below the main window; a row of another kind as column and value."""
    title = f"{source.relation}, {source.entity}"
    if not source.rows:
        return _table(f"{title}: no row")
    headings = list(source.rows[0])
    if "newest" not in headings:
        table = _table(title, "column", *(["value"] * len(source.rows)))
        for name in headings:
            table.add_row(name, *(escape(shown(row[name])) for row in source.rows))
        return table
    rows = [row for row in source.rows if row["newest"] is None or row["newest"] <= GAMES_SHOWN]
    older = len(source.rows) - len(rows)
    table = _table(f"{title}{f', and {older} older games of the season' if older else ''}", *headings, numbers=headings)
    for row in rows:
        counts = "did not play" if row["newest"] is None else str(row["newest"])
        table.add_row(*(counts if name == "newest" else escape(shown(row[name])) for name in headings))
        if row["newest"] == window:
            table.add_section()
    return table
