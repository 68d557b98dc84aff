"""`explain`: one row with its formulas and source rows, or the reason why there is none."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from nba_precompute.cli.app import PARTIAL, AsJson
from nba_precompute.cli.output import (
    Cell,
    ShownColumn,
    data_table,
    number_columns,
    print_json,
    say,
    show,
    shown,
    text_columns,
)
from nba_precompute.tables import TABLES
from nba_precompute.tables.schema import by_relation
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from nba_precompute.operations.explain.explanation import Explanation, FeatureValue, SourceRows, Value

GAMES_SHOWN = 20
"""Games of the longest window are listed; older ones, which enter only the season's means, are just counted."""


def command(
    table: Annotated[str, typer.Argument(metavar="TABLE")],
    key: Annotated[str, typer.Argument(metavar="KEY")],
    date: Annotated[dt.datetime, typer.Argument(formats=["%Y-%m-%d"], metavar="DATE")],
    as_json: AsJson = False,
) -> None:
    """Explain one row: each value with its formula and the source rows behind it.

    TABLE is one of the five tables, KEY a `player_lookup` such as jaysontatum or a team such as BOS, and DATE the game
    date (YYYY-MM-DD). Also shows completeness and what is missing; if there is no row, the reason. Ends with exit code
    3 if the date was not computed.

    Example: `nba-precompute explain team_defense_zone_analysis BOS 2021-12-25`
    """
    from nba_precompute.operations.explain.explanation import Answer
    from nba_precompute.operations.explain.reading import UnknownEntity, explain, table_named

    try:
        found = explain(warehouse_from_environment(), table_named(table), key, date.date())
    except UnknownEntity as error:
        raise typer.BadParameter(str(error)) from None
    if as_json:
        print_json(asdict(found))
    else:
        _show(found)
    if found.answer is Answer.NOT_COMPUTED:
        raise typer.Exit(PARTIAL)


def _show(found: Explanation) -> None:
    for sentence in found.summary:
        say(sentence)
    window = TABLES[found.table].window
    sources = [_source(rows, window) for rows in found.sources]
    for part in (_features(found), _values(found), _expected(found), *sources):
        if part is not None:
            say("")
            show(part)


def _features(found: Explanation) -> RichTable | None:
    if not found.features:
        return None
    rows = []
    for feature in found.features:
        is_needless = feature.is_default and not feature.required
        low, high = feature.range
        rows.append(
            (
                str(feature.index),
                feature.name,
                Text(shown(feature.value), "red" if feature.is_out_of_range else ""),
                Text(
                    f"{feature.tier}, not required" if is_needless else feature.tier,
                    "yellow" if feature.is_default else "",
                ),
                shown(feature.default),
                f"{low:g} to {high:g}",
                _formula(feature),
            )
        )
    columns = [
        *number_columns("#"),
        *text_columns("feature"),
        *number_columns("value"),
        *text_columns("tier"),
        *number_columns("default"),
        *text_columns("plausible", "formula and lineage"),
    ]
    return data_table("features, in their order", columns, rows)


def _values(found: Explanation) -> RichTable | None:
    if not found.values:
        return None
    # A row of the feature store shows these in the table of its features.
    shown_above = {feature.name for feature in found.features} | {"features", "feature_names", "feature_sources"}
    rows = []
    for value in found.values:
        if found.features and value.column in shown_above:
            continue
        cell = Text(shown(value.value))
        if value.is_stale:
            cell.append(f" (now {shown(value.now)})", "red")
        rows.append((value.column, cell, _formula(value)))
    columns = [*text_columns("column"), *number_columns("value"), *text_columns("formula and lineage")]
    return data_table("values", columns, rows)


def _formula(of: Value | FeatureValue) -> Text:
    """Format the formula with its unit and, below it, `table: column, column` for each table of its lineage."""
    origins = "; ".join(f"{relation}: {', '.join(names)}" for relation, names in by_relation(of.lineage).items())
    text = Text(of.formula + (f" [{of.unit}]" if of.unit else ""))
    return text.append(f"\n{origins}", "dim") if origins else text


def _expected(found: Explanation) -> RichTable | None:
    if not found.expected_games:
        return None
    rows = [
        (
            str(game.date),
            Text("no", "red") if game.gap else Text("yes", "green"),
            game.gap or "",
        )
        for game in found.expected_games
    ]
    columns = [ShownColumn("date", wraps=False), *text_columns("covered", "reason")]
    return data_table(f"expected games of {found.team}", columns, rows)


def _source(source: SourceRows, window: int) -> RichTable:
    """Show earlier games as lines, with a rule below the main window; any other row as columns and values."""
    title = f"{source.relation}, {source.entity}"
    if not source.rows:
        return data_table(f"{title}: no row", [], [])
    headings = list(source.rows[0])
    if "newest" not in headings:
        columns = text_columns("column", *(["value"] * len(source.rows)))
        return data_table(title, columns, [(name, *(shown(row[name]) for row in source.rows)) for name in headings])
    games = [row for row in source.rows if row["newest"] is None or row["newest"] <= GAMES_SHOWN]
    older = len(source.rows) - len(games)
    rows: list[list[Cell] | None] = []
    for game in games:
        rows.append([_game_cell(name, game[name]) for name in headings])
        if game["newest"] == window:
            rows.append(None)
    # Headings wrap between words; column names as values stay whole.
    columns = [ShownColumn(name.replace("_", " "), is_number=True, wraps=name != "game_date") for name in headings]
    return data_table(f"{title}{f', and {older} older games of the season' if older else ''}", columns, rows)


def _game_cell(name: str, value: Any) -> str:
    return "did not play" if name == "newest" and value is None else shown(value)
