"""Two real and two simulated seasons, playoffs included, pass every rule on every date and in every week."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nba_precompute.quality.validation import validate
from nba_precompute.tables import TABLES
from nba_precompute.warehouse.duckdb import DuckDBSession
from nba_precompute_tests.proof.seasons import PublishedSeason, Seasons

SEASONS: dict[str, Callable[[Seasons], PublishedSeason]] = {
    "real 2021-22": lambda seasons: seasons.real(2021),
    "real 2022-23": lambda seasons: seasons.real(2022),
    "simulated": lambda seasons: seasons.simulated(0),
    "simulated otherwise": lambda seasons: seasons.simulated(1),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SEASONS)
def test_a_season_passes_every_rule_in_one_query_a_table(
    seasons: Seasons, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    season = SEASONS[name](seasons)
    asked = []
    query = DuckDBSession.query

    def counted(self: DuckDBSession, sql: str, *more: Any) -> Any:
        asked.append(sql)
        return query(self, sql, *more)

    monkeypatch.setattr(DuckDBSession, "query", counted)
    validations = validate(season.warehouse, season.range)
    assert len(asked) == len(TABLES)
    for validation in validations:
        assert validation.problems == validation.warnings == [], validation.table.name
        assert [date for date, judgment in validation.judgments.items() if judgment.teams] == season.game_dates
        assert validation.total("rows") > 0
        assert validation.total("rows") + validation.total("failures") == validation.total("population")
