"""The records of publishing: one per date, kept in the event log, and one per table of a run.

Here: the fields of a record, and reading one back in a later run. Not here: computing the numbers (`publish.py`) and
storing them in Dagster (`orchestration/io_manager.py`).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nba_precompute.tables import Table
from nba_precompute.warehouse import Job, MergeCounts

PHASES = ("inspect", "render", "stage", "audit", "merge", "read_back")
"""The phases of a run of one table, in order; each is timed."""


def seconds_key(phase: str) -> str:
    """Return the metadata key of a run's seconds in a phase."""
    return f"run_seconds_{phase}"


@dataclass(frozen=True)
class Published:
    """The inputs, code and content of a date when it was last published, for the next run to compare.

    Attributes:
        inputs_fingerprint: of the rows that the date reads; empty if they came from a DataFrame.
        code_version: of the SELECT; empty if the rows came from a DataFrame.
        content_hash: over the published rows in key order, followed by that of the failures.
    """

    inputs_fingerprint: str
    code_version: str
    content_hash: str

    @classmethod
    def from_metadata(cls, values: Mapping[str, object]) -> Published | None:
        """Read the record from the metadata of a materialization, as plain values; None if a field is missing."""
        names = [field.name for field in dataclasses.fields(cls)]
        if not all(name in values for name in names):
            return None
        return cls(**{name: str(values[name]) for name in names})

    def as_metadata(self) -> dict[str, str]:
        """Return the fields by name, as `from_metadata` reads them."""
        return dataclasses.asdict(self)


@dataclass
class Partition:
    """The record of one date of a run.

    Attributes:
        decision: why the date was computed or skipped.
        published: the record that the next run compares the date with.
        rows: published rows; `inserted`, `updated` and `unchanged` add up to them.
        deleted: rows that were published before and are no longer.
        duplicates_dropped: staged rows beyond the first of their key.
        conflicting_keys: keys whose staged rows differ.
        ready_rows: published rows that are production ready.
        failures: members of the population that have a recorded failure instead of a row.
        source_rows_set_aside: source rows that admission set aside.
        source_duplicates: duplicate source rows dropped.
        source_conflicts: source keys whose rows differ.
        source_findings: every finding of admission and cleaning, as text.
        slate_teams_unlisted: teams of the slate for which no player is listed.
        season_games: scheduled games of the date's season that count.
        is_sample: True if the date's season is simulated.
    """

    date: dt.date
    computed: bool
    decision: str
    published: Published
    rows: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    duplicates_dropped: int = 0
    conflicting_keys: int = 0
    ready_rows: int = 0
    failures: int = 0
    source_rows_set_aside: int = 0
    source_duplicates: int = 0
    source_conflicts: int = 0
    source_findings: str = ""
    slate_teams_unlisted: int = 0
    season_games: int = 0
    is_sample: bool = False


@dataclass
class Outcome:
    """The result of a run for one table.

    Attributes:
        partitions: the records of the published dates.
        refused: the other dates of the run, each with the reasons; nothing was computed or written for them.
        seconds: by phase.
        jobs: the warehouse's jobs, if it has jobs.
    """

    table: Table
    partitions: dict[dt.date, Partition]
    refused: Mapping[dt.date, Sequence[str]]
    seconds: dict[str, float]
    merged: MergeCounts
    merged_failures: MergeCounts
    jobs: Sequence[Job] = ()

    @property
    def computed(self) -> list[dt.date]:
        """The dates that were computed, not skipped."""
        return [date for date, partition in self.partitions.items() if partition.computed]
