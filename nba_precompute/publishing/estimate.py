"""What a run over a range of dates would read, before it is launched: dry runs, which cost nothing.

What a run really cost is in the metadata of its materializations.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from nba_precompute.publishing.inspection import inspect_statement
from nba_precompute.publishing.publish import Select
from nba_precompute.sql import RunDates, render
from nba_precompute.tables import TABLES
from nba_precompute.warehouse import Warehouse


@dataclass(frozen=True)
class Estimate:
    """The bytes that a run of one table would read; None where the warehouse bills nothing.

    Attributes:
        inspect: looking at what each date would read, and at what is published.
        select: the SELECT of the table.
        partitions: the target's partitions, which auditing, merging and reading back go through.
    """

    table: str
    inspect: int | None
    select: int | None
    partitions: int | None

    @property
    def total(self) -> int | None:
        """The three together, None where one is unknown."""
        if self.inspect is None or self.select is None or self.partitions is None:
            return None
        return self.inspect + self.select + self.partitions


def estimate(warehouse: Warehouse, dates: Sequence[dt.date]) -> list[Estimate]:
    """The estimate of every Phase 4 table for the dates, upstream first.

    Raises:
        WarehouseError: if the warehouse has no such tables, or cannot be reached.
    """
    run = RunDates.of(dates)
    result = []
    with warehouse.reading("estimate") as session:
        for table in TABLES.values():
            inspect = inspect_statement(session, [table], run.dates)
            select = render(
                "publish/stage", table, run, session.relation, select=Select(table).render(run, session.relation)
            )
            partitions = render("publish/partitions", table, run, session.relation)
            result.append(Estimate(table.name, *map(session.bytes_of, (inspect, select, partitions))))
    return result
