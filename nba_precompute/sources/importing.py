"""The import of the league's public files: raw tables, and the five sources that follow from them.

Here: files to staged rows to one transaction, and the record of an import. Not here: the forms of the files
(`league_files/`), what changes in the raw tables (`raw.py`), the derivation (`deriving.py`, `sql/derive/`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nba_precompute.calendar import now
from nba_precompute.sources.deriving import derive_all
from nba_precompute.sources.gaps import MISSING, Gap, features_without, gaps, unknown_columns
from nba_precompute.sources.held import held_rows
from nba_precompute.sources.league_files import LeagueFile, Problem, Unrecognized, read
from nba_precompute.sources.loading import Loaded, only_removed, verify
from nba_precompute.sources.raw import changed_dates, changes, create_raw_tables, relation_after, seasons, stage
from nba_precompute.sources.sample import removal_of
from nba_precompute.sources.shrink import ShrinkRefused
from nba_precompute.sql.source_forms import read_only
from nba_precompute.tables.sources import PLAYER_GAME_SUMMARY
from nba_precompute.warehouse import Warehouse, WarehouseError
from nba_precompute.warehouse.schema_sync import create_tables

if TYPE_CHECKING:
    import pyarrow as pa

OnStep = Callable[[str, int, int | None], None]
"""A callback that takes what is being done, how much of it is done, and of how much (None if that is unknown)."""


@dataclass(frozen=True)
class ReadForm:
    """The files of one form: how many, with how many games and rows."""

    form: str
    files: int
    games: int
    rows: int


@dataclass(frozen=True)
class ChangedTable:
    """What an import did to a raw table, in games (or rosters, or dates of an availability file).

    Attributes:
        changed, same, kept: as in `RawChange`.
        dates: the number of rows written by date; none for people.
    """

    table: str
    changed: int
    same: int
    kept: int
    dates: Mapping[dt.date, int]


@dataclass(frozen=True)
class Imported:
    """The result of an import.

    Attributes:
        problems: files that were refused, or games that files contradict each other about.
        unrecognized: files in no form that is read.
        repeated: rows left out because an earlier file has them.
        loaded: per source, as of a load; empty if no season could be derived.
        dates: the dates of each source whose rows changed.
        gaps: what games of these seasons lack, imported now or before.
        features: unknown columns of the sources, each with the features that rest on it.
        box_scores: games of these seasons that have one.
    """

    forms: Sequence[ReadForm]
    problems: Sequence[Problem]
    unrecognized: Sequence[Unrecognized]
    repeated: int
    tables: Sequence[ChangedTable] = ()
    seasons: Sequence[int] = ()
    loaded: Sequence[Loaded] = ()
    dates: Mapping[str, Sequence[dt.date]] = field(default_factory=dict)
    gaps: Sequence[Gap] = ()
    features: Mapping[str, Sequence[str]] = field(default_factory=dict)
    box_scores: int = 0

    @property
    def is_partial(self) -> bool:
        """True if a file was not used, or a game lacks what files of its form have."""
        return bool(self.problems or self.unrecognized or any(gap.kind in MISSING for gap in self.gaps))


class _Files:
    """What the files have, by raw table, while they are read."""

    def __init__(self) -> None:
        self.rows: dict[str, list[pa.Table]] = defaultdict(list)
        self.problems: list[Problem] = []
        self.unrecognized: list[Unrecognized] = []
        self.repeated = 0
        self._files: Counter[str] = Counter()
        self._rows: Counter[str] = Counter()
        self._games: dict[str, set[str]] = defaultdict(set)

    def add(self, found: LeagueFile | Problem | Unrecognized) -> None:
        import pyarrow.compute as pc

        if isinstance(found, Problem):
            self.problems.append(found)
            return
        if isinstance(found, Unrecognized):
            self.unrecognized.append(found)
            return
        self._files[found.form] += 1
        self.repeated += found.repeated
        for name, rows in found.tables.items():
            self.rows[name].append(rows)
            self._rows[found.form] += rows.num_rows
            if "game_id" in rows.column_names:
                self._games[found.form].update(pc.unique(rows["game_id"]).to_pylist())

    @property
    def forms(self) -> list[ReadForm]:
        return [
            ReadForm(form, count, len(self._games[form]), self._rows[form])
            for form, count in sorted(self._files.items())
        ]


def import_files(
    warehouse: Warehouse, paths: Sequence[Path], on_step: OnStep | None = None, *, allow_shrink: bool = False
) -> Imported:
    """Read the league's files, and replace the games that they have, and the rows of the sources that follow from them.

    A game is replaced as a whole in each raw table. The seasons of the files are then derived from all that the raw
    tables have, and the dates that differ are replaced in the sources. Everything is one transaction if the warehouse
    has transactions over several tables: a killed import leaves nothing, and can be run again. To import the same files
    again changes nothing.

    Real games of a season delete the simulated ones and everything computed from them, as a load does.

    Args:
        allow_shrink: take away more than a fifth of the rows of a season of a source.

    Raises:
        SchemaMismatch: if a table of the warehouse does not match its declaration.
        ShrinkRefused: if a source would lose too many rows; names them.
        WarehouseBusy: if another process holds the write lock for too long.
        WarehouseError: if a source has a form, or the warehouse fails. Nothing was written in any of these cases.
    """
    if warehouse.forms:
        raise WarehouseError(read_only(warehouse.forms.values()))
    report = on_step or (lambda *_: None)
    files = _Files()
    for found in read(paths, now(), lambda done, total: report("reading files", done, total)):
        files.add(found)
    contradicted = [game for problem in files.problems for game in problem.games]
    if not files.rows:
        return Imported(
            forms=files.forms, problems=files.problems, unrecognized=files.unrecognized, repeated=files.repeated
        )
    with warehouse.writing("importing the league's files") as session:
        verify(session)
        create_tables(session)
        create_raw_tables(session)
        report("staging rows", 0, None)
        changed = changes(session, stage(session, files.rows, contradicted))
        after = relation_after(session, changed)
        concerned = seasons(session, changed)
        removal = removal_of(held_rows(session, concerned), (), concerned)
        derived = {}
        if concerned:
            report("deriving the sources", 0, None)
            before = session.relation if any(change.rows for change in changed.values()) else None
            derived = derive_all(session, concerned, after, before, removal)
        if (lost := [loss for source in derived.values() for loss in source.losses]) and not allow_shrink:
            raise ShrinkRefused(lost)
        stages = {name: source.stage for name, source in derived.items()}
        players = stages.get(PLAYER_GAME_SUMMARY.name, session.relation(PLAYER_GAME_SUMMARY))
        found_gaps, box_scores = gaps(session, concerned, after, players)
        features = features_without(unknown_columns(session, stages))
        raw_dates = {name: changed_dates(session, change, after) for name, change in changed.items()}
        replacements = {name: change.replacement for name, change in changed.items() if change.rows}
        replacements |= {name: source.replacement for name, source in derived.items() if source.replacement}
        replacements |= removal.computed
        report("writing", 0, None)
        merged = session.replace_all(list(replacements.values()))
        deleted = {name: counts.deleted for name, counts in zip(replacements, merged, strict=True)}
    return Imported(
        forms=files.forms,
        problems=files.problems,
        unrecognized=files.unrecognized,
        repeated=files.repeated,
        tables=[
            ChangedTable(name, change.changed, change.same, change.kept, raw_dates[name])
            for name, change in sorted(changed.items())
        ],
        seasons=concerned,
        loaded=[
            *(
                source.loaded(deleted.get(name, 0), removal.rows.get(name, 0) if source.replacement else 0)
                for name, source in derived.items()
            ),
            *(only_removed(name, deleted[name]) for name in removal.computed if deleted[name]),
        ],
        dates={name: source.dates for name, source in derived.items()},
        gaps=found_gaps,
        features=features,
        box_scores=box_scores,
    )
