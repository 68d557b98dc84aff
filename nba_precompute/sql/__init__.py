"""The GoogleSQL of the product: a SELECT per table and a template per step of publishing, rendered for a run's dates.

Every statement that reads or writes a table is a `.sql` file here; Python only fills in declarations, dates and names.
Nothing here knows of Dagster or of a particular warehouse.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nba_precompute.sql.dates import RunDates
from nba_precompute.tables import PRECOMPUTE_FAILURES, SOURCES, TABLES, Source, Table, common, features
from nba_precompute.tables.player_composite_factors import CALCULATION_VERSION, INPUTS
from nba_precompute.tables.player_daily_cache import CACHE_VERSION, COMPLETENESS_WINDOWS, SHOT_ZONE_COLUMNS
from nba_precompute.tables.sources import CLEANING_KINDS, COUNTING_GAME_TYPES, SAMPLE_GAME_ID_PREFIX, ZONES

if TYPE_CHECKING:
    import jinja2

DIRECTORY = Path(__file__).parent

Relation = Callable[[Table | Source], str]
"""How a warehouse names a table in GoogleSQL, backquoted."""


def logical_name(table: Table | Source) -> str:
    """`dataset.table` in backquotes, without project or prefix."""
    return f"`{table.dataset}.{table.name}`"


def literal(text: str) -> str:
    """Text as a string literal of GoogleSQL, whatever is in it."""
    for character, escaped in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(character, escaped)
    return f"'{text}'"


def _in_declared_order(conditions: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(conditions, key=lambda pair: common.QUALITY_ISSUES.index(pair[0]))


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(DIRECTORY),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=False,
        autoescape=False,  # the output is SQL; the text of others goes through the filter `literal`
    )
    environment.filters["literal"] = literal
    environment.globals.update(
        sources=SOURCES,
        tables=TABLES,
        failures=PRECOMPUTE_FAILURES,
        zones=ZONES,
        counting_game_types=COUNTING_GAME_TYPES,
        cleaning_kinds=CLEANING_KINDS,
        sample_game_id_prefix=SAMPLE_GAME_ID_PREFIX,
        minimum_games=common.MINIMUM_GAMES,
        ready_completeness=common.READY_COMPLETENESS,
        in_declared_order=_in_declared_order,
        inputs=INPUTS,
        calculation_version=CALCULATION_VERSION,
        cache_version=CACHE_VERSION,
        completeness_windows=COMPLETENESS_WINDOWS,
        shot_zone_columns=SHOT_ZONE_COLUMNS,
        features=features.FEATURES,
        required_columns=features.required_columns,
        lookback_days=common.LOOKBACK_DAYS,
        trailing_dates=common.TRAILING_DATES,
        feature_version=features.FEATURE_VERSION,
        tier_scores=features.TIER_SCORES,
        quality_tiers=features.QUALITY_TIERS,
        ready_score=features.READY_SCORE,
    )
    return environment


def render(
    template: str, table: Table | None, run: RunDates, relation: Relation = logical_name, **parameters: Any
) -> str:
    """Renders one statement in GoogleSQL.

    Args:
        template: the file's name without `.sql`.
        table: the table that it is about; None where it is about the sources.
        run: the dates that it may read or write.
        relation: how the warehouse names a table.
        parameters: what else the template asks for.

    Raises:
        jinja2.UndefinedError: if the template asks for something that is not given.
    """
    return fill(template, table=table, run=run, relation=relation, **parameters)


def fill(template: str, **parameters: Any) -> str:
    """Renders one statement (or script) that is about no date in particular.

    Raises:
        jinja2.UndefinedError: as `render`.
    """
    return _environment().get_template(f"{template}.sql").render(**parameters).strip()


def render_select(table: Table, run: RunDates, relation: Relation = logical_name) -> str:
    """Renders the SELECT of a Phase 4 table for the dates."""
    return render(f"tables/{table.name}", table, run, relation)


@cache
def code_version(table: Table) -> str:
    """Changes with anything that can change the table's rows: hashes what would be staged for some date.

    The rendered text holds the declaration, the macros and every constant, and no comment of a template.
    """
    some_date = RunDates.of([dt.date(2021, 10, 19)])
    select = render_select(table, some_date)
    return hashlib.sha256(render("publish/stage", table, some_date, select=select).encode()).hexdigest()[:12]


__all__ = ["Relation", "RunDates", "code_version", "literal", "logical_name", "render", "render_select"]
