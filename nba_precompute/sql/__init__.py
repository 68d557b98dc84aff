"""The GoogleSQL of the product, one Jinja template per statement, rendered for the dates of a run.

Here: the templates by purpose (`tables/` the SELECTs, `derive/` those of the sources, `macros/`, `publish/`, `load/`,
`read/`) and their rendering. Not here: thresholds and columns, which are declared in `tables/` of the package and
rendered; executing a statement (`warehouse/`).

Templates import macros as `math` (arithmetic), `src` (sources), `people` (identity), `win` (windows), `pop`
(population), `complete`, `waivers`, `daily` and `content`. Relations keep their name; where they need an alias, it is
the singular or the role: `run_date`, `game`, `side` (a team of a scheduled game), `person`, `member` (of the
population), `context`, `slate`, `form`, `recent`, `coverage`, `environment`, `box_score`, `offense`, `defense`,
`opponent_*`, `shot_zones`, `factors`, `daily_cache`; `source_row` and `repeated` in cleaning, `published` (or
`recorded`) and `staged` in a MERGE.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nba_precompute.calendar import LATE_SEASONS
from nba_precompute.sql.dates import RunDates
from nba_precompute.tables import (
    PRECOMPUTE_FAILURES,
    SOURCES,
    TABLES,
    WAIVERS,
    Source,
    Table,
    common,
    features,
    league,
    player_composite_factors,
    player_daily_cache,
    player_shot_zone_analysis,
    team_defense_zone_analysis,
)
from nba_precompute.tables.scopes import scope_windows
from nba_precompute.tables.sources import (
    COUNTING_GAME_TYPES,
    GAME_TYPES,
    SAMPLE_GAME_ID_PREFIX,
    ZONE_LABELS,
    ZONES,
)

if TYPE_CHECKING:
    import jinja2

DIRECTORY = Path(__file__).parent

Relation = Callable[[Table | Source], str]
"""A function that returns the backquoted name of a table in a warehouse."""


def logical_name(table: Table | Source) -> str:
    """Return `dataset.table` in backquotes, without project or prefix."""
    return f"`{table.dataset}.{table.name}`"


def literal(text: str) -> str:
    """Return a text as a GoogleSQL string literal, escaped."""
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
        autoescape=False,  # the output is SQL; text from outside goes through the filter `literal`
    )
    environment.filters["literal"] = literal
    environment.globals.update(
        sources=SOURCES,
        tables=TABLES,
        failures=PRECOMPUTE_FAILURES,
        waivers=WAIVERS,
        zones=ZONES,
        zone_labels=ZONE_LABELS,
        counting_game_types=COUNTING_GAME_TYPES,
        game_types=GAME_TYPES,
        sample_game_id_prefix=SAMPLE_GAME_ID_PREFIX,
        scopes=scope_windows(TABLES.values()),
        scope_windows=scope_windows,
        in_declared_order=_in_declared_order,
        # The modules whose constants the templates render.
        common=common,
        late_seasons=LATE_SEASONS,
        league=league,
        registry=features,
        team_defense=team_defense_zone_analysis,
        shot_zones=player_shot_zone_analysis,
        factors=player_composite_factors,
        cache=player_daily_cache,
    )
    return environment


def render(
    template: str, table: Table | None, run: RunDates, relation: Relation = logical_name, **parameters: Any
) -> str:
    """Render one statement in GoogleSQL for the dates of a run.

    Args:
        template: the path of the template below this package, without `.sql`.
        table: the table that the statement concerns; None for statements about the sources.
        run: the dates that the statement may read or write.
        relation: returns the name of a table in the warehouse.
        parameters: additional variables of the template.

    Raises:
        jinja2.UndefinedError: if the template uses a variable that is not given.
    """
    return fill(template, table=table, run=run, relation=relation, **parameters)


def fill(template: str, **parameters: Any) -> str:
    """Render one statement or script that does not depend on the dates of a run; see `render`."""
    return _environment().get_template(f"{template}.sql").render(**parameters).strip()


def render_select(table: Table, run: RunDates, relation: Relation = logical_name) -> str:
    """Render the SELECT of a Phase 4 table for the dates of a run."""
    return render(f"tables/{table.name}", table, run, relation)


@cache
def code_version(table: Table) -> str:
    """Return a hash that changes with anything that can change the rows of a table.

    It hashes the statement that would be staged for some date, which contains the declaration, the macros and every
    constant, and no comment of a template.
    """
    some_date = RunDates.of([dt.date(2021, 10, 19)])
    select = render_select(table, some_date)
    return hashlib.sha256(render("publish/stage", table, some_date, select=select).encode()).hexdigest()[:12]


__all__ = [
    "DIRECTORY",
    "Relation",
    "RunDates",
    "code_version",
    "fill",
    "literal",
    "logical_name",
    "render",
    "render_select",
]
