"""Estimates of the bytes that a run would read, from dry runs, which cost nothing.

Here: the statements of a run whose size the warehouse can report beforehand. Not here: the bytes that a run actually
read, which are in the metadata of its materializations (`orchestration/io_manager.py`).
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
    """The bytes that a run of one table would read; None if the warehouse bills nothing.

    Attributes:
        inspect: the inspection of the dates.
        select: the SELECT of the table.
        partitions: the table's partitions, which audit, merge and read-back scan.
    """

    table: str
    inspect: int | None
    select: int | None
    partitions: int | None

    @property
    def total(self) -> int | None:
        """The sum of the three; None if one is unknown."""
        if self.inspect is None or self.select is None or self.partitions is None:
            return None
        return self.inspect + self.select + self.partitions


def estimate(warehouse: Warehouse, dates: Sequence[dt.date]) -> list[Estimate]:
    """Estimate a run of every Phase 4 table for the dates, upstream first.

    Raises:
        WarehouseError: if a table is missing, or the warehouse cannot be reached.
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
            result.append(
                Estimate(
                    table=table.name,
                    inspect=session.bytes_of(inspect),
                    select=session.bytes_of(select),
                    partitions=session.bytes_of(partitions),
                )
            )
    return result
