"""Many damaged leagues in one run of the five tables, each in a season of its own.

No window crosses seasons, so damaged leagues can share a run; and a small run spends most of its time planning its
queries, whatever they read. A test marked `in_one_run` damages rows, yields them, and continues with their result; all
such tests of a module share one run.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nba_precompute.calendar import season_of
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.bad_input.helpers import LAST, Result, agree_with_oracle, moved, result_of
from nba_precompute_tests.support.league import Rows, run

NewWarehouse = Callable[[Rows], DuckDBWarehouse]


@dataclass(frozen=True)
class Ask:
    """The leagues and dates that a test wants computed; all are of 2021."""

    variants: tuple[Rows, ...]
    dates: tuple[dt.date, ...]


Scenario = Generator[Ask, list[Result], None]
"""The type of a test marked `in_one_run`: it yields once, and gets one result per variant."""


def of(*variants: Rows, dates: Iterable[dt.date] = (LAST,)) -> Ask:
    """Build the value that a test yields."""
    return Ask(variants, tuple(dates))


class Computed:
    """The five tables of some leagues, computed together."""

    def __init__(self, new: NewWarehouse, asks: Sequence[Ask]) -> None:
        self._leagues: list[tuple[Rows, list[dt.date]]] = []
        self._of: dict[int, list[int]] = {}
        for ask in asks:
            self._of[id(ask)] = [self._add(variant, ask.dates) for variant in ask.variants]
        together: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for rows, _ in self._leagues:
            for name, lines in rows.items():
                together[name] += lines
        self.warehouse = new(dict(together))
        self._outcomes = run(self.warehouse, [date for _, dates in self._leagues for date in dates])

    def _add(self, rows: Rows, dates: Iterable[dt.date]) -> int:
        years = len(self._leagues)
        lines = {name: [moved(row, years) for row in lines] for name, lines in rows.items()}
        self._leagues.append((lines, [date.replace(year=date.year + years) for date in dates]))
        return years

    def results(self, ask: Ask) -> list[Result]:
        """Return the result of each variant, with the dates of 2021; it must agree with the oracle."""
        return [self._result(years) for years in self._of[id(ask)]]

    def _result(self, years: int) -> Result:
        rows, dates = self._leagues[years]
        agree_with_oracle(self.warehouse, rows, dates)
        result = result_of(self.warehouse, -years, season=2021 + years)
        for name, outcome in self._outcomes.items():
            result.records[name] = {
                date.replace(year=date.year - years): replace(
                    record, source_findings=record.source_findings.replace(f"{2021 + years}-", "2021-")
                )
                for date, record in outcome.partitions.items()
                if season_of(date) == 2021 + years
            }
        return result


class Batch:
    """The marked tests of one module, each stopped where it has yielded."""

    def __init__(self, module: str, new: NewWarehouse, fixtures: Mapping[str, Callable[[], Any]]) -> None:
        self._waiting: dict[str, tuple[Scenario, Ask]] = {}
        for name, test in _MARKED[module].items():
            scenario = test(**{parameter: fixtures[parameter]() for parameter in inspect.signature(test).parameters})
            self._waiting[name] = (scenario, next(scenario))
        self._computed = Computed(new, [ask for _, ask in self._waiting.values()])

    def finish(self, name: str) -> None:
        """Resume the test, up to its end."""
        scenario, ask = self._waiting[name]
        try:
            scenario.send(self._computed.results(ask))
        except StopIteration:
            return
        raise AssertionError(f"{name} yields more than once")


_MARKED: dict[str, dict[str, Callable[..., Scenario]]] = defaultdict(dict)
"""Module -> name -> test."""


def in_one_run(test: Callable[..., Scenario]) -> Callable[[Batch], None]:
    """Mark a test that yields the leagues that it needs; its fixtures may be `league` and `baseline`."""
    _MARKED[test.__module__][test.__name__] = test

    def finish(batch: Batch) -> None:
        batch.finish(test.__name__)

    finish.__name__, finish.__doc__, finish.__module__ = test.__name__, test.__doc__, test.__module__
    return finish
