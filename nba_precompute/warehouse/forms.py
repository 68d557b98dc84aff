"""Source forms: a SELECT in place of a source's table, over tables of another shape.

Here: `NBA_SOURCES`, the forms that it names, and their columns compared with the declaration: a type is widened where
no value changes, anything else is refused with the line that cures it. Not here: the text of a form
(`sql/source_forms.py`), what admission finds in its rows (`sources/observation.py`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nba_precompute.sql.source_forms import NO_FORMS, PREDECESSOR, Forms, SourceForm, read_only
from nba_precompute.tables import SOURCES, Column, Source, Table
from nba_precompute.warehouse.protocol import Schema, SchemaMismatch, StatementRefused, WarehouseError

if TYPE_CHECKING:
    from sqlglot.expressions import Query

_WIDENED = {
    "FLOAT64": {"INT64", "INT32", "INT16", "INT8", "NUMERIC", "BIGNUMERIC"},
    # DuckDB's sums are of 128 bits; a value over 64 bits fails in the cast.
    "INT64": {"INT32", "INT16", "INT8", "INT128", "UINT64", "UINT32", "UINT16", "UINT8"},
    "TIMESTAMP": {"DATETIME"},
}
"""By declared type, the types that a CAST turns into it without changing a value; a DATETIME is taken as UTC."""

_CURES = {
    ("DATE", "TIMESTAMP"): "DATE({x}, 'America/New_York')",
    ("season_year", "STRING"): "CAST(SUBSTR({x}, 1, 4) AS INT64)",
    ("game_id", "INT64"): "LPAD(CAST({x} AS STRING), 10, '0')",
}
"""Expressions that turn a found type into a declared one, by column or declared type; any other is a CAST."""


def forms_from_environment(environment: Mapping[str, str] = os.environ) -> Forms:
    """Return the forms that `NBA_SOURCES` names; none if it is not set.

    Raises:
        WarehouseError: if it is neither `predecessor` nor a folder of SELECTs.
    """
    named = environment.get("NBA_SOURCES")
    if not named:
        return NO_FORMS
    if named == PREDECESSOR:
        return {name: SourceForm(source=source, name=PREDECESSOR) for name, source in SOURCES.items()}
    folder = Path(named)
    if not folder.is_dir():
        raise WarehouseError(f"NBA_SOURCES is {named!r}; it must be {PREDECESSOR} or a folder of .sql files")
    files = sorted(folder.glob("*.sql"))
    if not files:
        raise WarehouseError(f"NBA_SOURCES: {folder} has no .sql file; expected some of {_sql_files()}")
    return {file.stem: _form_of(file) for file in files}


def _sql_files() -> str:
    return ", ".join(f"{name}.sql" for name in SOURCES)


def _form_of(file: Path) -> SourceForm:
    source = SOURCES.get(file.stem)
    if source is None:
        nearest = get_close_matches(file.stem, SOURCES, n=1)
        hint = f"; rename it to {nearest[0]}.sql" if nearest else f"; the sources are {_sql_files()}"
        raise WarehouseError(f"{file}: there is no source {file.stem}{hint}")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise WarehouseError(f"{file}: cannot be read: {error}") from error
    return SourceForm(source=source, name=str(file), text=_one_select(file, text))


def _one_select(file: Path, text: str) -> str:
    """Return the text without a closing semicolon.

    Raises:
        WarehouseError: if it is not one query in GoogleSQL.
    """
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        tokens = sqlglot.tokenize(text, read="bigquery")
        while tokens and tokens[-1].text == ";":
            text = text[: tokens.pop().start]
        statements = sqlglot.parse(text, read="bigquery")
    except SqlglotError as error:
        first_line = str(error).splitlines()[0]
        raise WarehouseError(f"{file}: this is not GoogleSQL: {first_line}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise WarehouseError(
            f"{file}: expected one SELECT, found {_found(statements)}; a form only reads, so write a single SELECT"
        )
    return text.strip()


def _found(statements: list[Any]) -> str:
    if len(statements) > 1:
        return f"{len(statements)} statements"
    return "nothing" if statements[0] is None else statements[0].key.upper()


@dataclass(frozen=True)
class _Resolved:
    """A form over the tables of a session.

    Attributes:
        relation: the SELECT with the declared columns and types, in parentheses; empty if there are problems.
        problems: why the form cannot stand for the source, one line each.
    """

    relation: str
    problems: tuple[str, ...] = ()


class AnalyzedForms:
    """The forms of one session, each analyzed when it is first read; see `protocol.SessionForms`.

    Args:
        table_name: returns the name of a source's own table, in backquotes.
        schema: the tables as deployed.
        analyze: returns the columns of a SELECT and their types, without running it.
        first_value: runs a SELECT of one column, and returns the first value.
    """

    def __init__(
        self,
        forms: Forms,
        table_name: Callable[[Source], str],
        schema: Schema,
        analyze: Callable[[str], Mapping[str, str]],
        first_value: Callable[[str], Any],
    ) -> None:
        self._forms = forms
        self._table_name = table_name
        self._schema = schema
        self._analyze = analyze
        self._first_value = first_value
        self._resolve = cache(self._resolved)

    def __contains__(self, table: Table | Source) -> bool:
        return table.name in self._forms

    def name(self, source: Source) -> str:
        """Return the name of a source's form."""
        return self._forms[source.name].name

    def relation(self, source: Source) -> str:
        """Return a source's form as a relation of GoogleSQL: a SELECT in parentheses.

        Raises:
            SchemaMismatch: if it does not have the declared columns.
        """
        resolved = self._resolve(source.name)
        if resolved.problems:
            raise SchemaMismatch("; ".join(resolved.problems))
        return resolved.relation

    def problems(self, source: Source) -> tuple[str, ...]:
        """Return why a form cannot stand for its source, one line each; none if it can.

        Raises:
            WarehouseError: if the warehouse cannot be reached.
        """
        return self._resolve(source.name).problems

    def refuse_writing(self, table: Table | Source) -> None:
        """Refuse to write to a source that has a form.

        Raises:
            WarehouseError: if it has one.
        """
        if table in self:
            raise WarehouseError(read_only([self._forms[table.name]]))

    def _resolved(self, name: str) -> _Resolved:
        form = self._forms[name]
        select = self._select(form)
        try:
            found = self._analyze(select)
        except StatementRefused as error:
            return _Resolved(relation="", problems=(f"{form.name}: {name}: the SELECT cannot run: {error}",))
        expressions, problems = [], []
        for column in form.source.columns:
            expression, problem = self._column(form, select, column, found)
            expressions.append(f"{expression} AS {column.name}" if expression != column.name else expression)
            problems += [f"{form.name}: {name}: {problem}"] if problem else []
        return _Resolved(
            relation=f"(\nSELECT {', '.join(expressions)}\nFROM (\n{select}\n) AS {name}_form\n)",
            problems=tuple(problems),
        )

    def _select(self, form: SourceForm) -> str:
        schedule = SOURCES["nbac_schedule"]
        needs_schedule = form.text is None and form.source is not schedule
        return form.select(
            self._table_name(form.source),
            self._schema.columns_of([form.source])[form.source.name] if form.text is None else {},
            self._select(SourceForm(schedule, form.name)) if needs_schedule else "",
        )

    def _column(self, form: SourceForm, select: str, column: Column, found: Mapping[str, str]) -> tuple[str, str]:
        """Return the expression of a declared column over the form, and the problem with it, or an empty text."""
        names = {name.lower(): name for name in found}
        name = names.get(column.name)
        if name is None:
            return column.name, _missing(form.source, column, list(found))
        projection = _projection(select, name)
        expression = widened(column, name, "NULL" if projection == "NULL" else found[name])
        if expression:
            return expression, ""
        cure = _cure(column, found[name], projection or name)
        example = self._example(select, name)
        return name, f"column {column.name}: expected {column.type}, found {found[name]}{example}; write `{cure}`"

    def _example(self, select: str, name: str) -> str:
        try:
            value = self._first_value(f"SELECT {name} FROM (\n{select}\n) AS form WHERE {name} IS NOT NULL LIMIT 1")
        except WarehouseError:
            return ""  # the types are wrong whatever the values are
        return "" if value is None else f", such as {str(value) if not isinstance(value, str) else repr(value)}"


def _missing(source: Source, column: Column, found: Sequence[str]) -> str:
    """Describe a missing column, with the nearest of the columns that no declared column is taken from."""
    unknown = f"CAST(NULL AS {column.type}) AS {column.name}"
    is_required = source.requires(column)
    problem = f"column {column.name} is missing (expected {column.type})"
    if nearest := source.nearest_to(column, found):
        problem += f"; the nearest is {nearest}: write `{nearest} AS {column.name}`"
        return problem if is_required else f"{problem}, or if it is unknown `{unknown}`"
    return f"{problem}; write " + (f"`... AS {column.name}` for what has it" if is_required else f"`{unknown}`")


def widened(column: Column, name: str, found: str) -> str:
    """Return the expression of a column as its declared type, or an empty text if a value might change.

    Args:
        name: the column in the form.
        found: its type in GoogleSQL, without parameters; `NULL` for a NULL without a type.
    """
    if found == column.type:
        return name
    if found == "NULL" or found in _WIDENED.get(column.type, ()):
        return f"CAST({name} AS {column.type})"
    if (column.type, found) == ("DATE", "DATETIME"):
        message = f"CONCAT('{column.name}: expected a date, found ', CAST({name} AS STRING))"
        return f"IF({name} != DATETIME_TRUNC({name}, DAY), ERROR({message}), CAST({name} AS DATE))"
    return ""


def _cure(column: Column, found: str, expression: str) -> str:
    found = "INT64" if found.startswith("INT") else found
    cure = _CURES.get((column.name, found)) or _CURES.get((column.type, found)) or f"CAST({{x}} AS {column.type})"
    return f"{cure.format(x=expression)} AS {column.name}"


def _projection(select: str, name: str) -> str:
    """Return the expression that a SELECT has for a column, in GoogleSQL; empty if it comes from a `*`."""
    return _projections(select).get(name, "")


@cache
def _projections(select: str) -> dict[str, str]:
    import sqlglot

    query: Query = sqlglot.parse_one(select, read="bigquery")  # type: ignore[assignment]
    return {
        projection.alias_or_name: projection.unalias().sql(dialect="bigquery")
        for projection in query.selects
        if not projection.is_star
    }
