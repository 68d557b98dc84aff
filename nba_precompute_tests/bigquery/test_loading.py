"""Loading over the wire: dates emptied in the one transaction of a load, and a refusal that wrote nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from nba_precompute.sources import ShrinkRefused, load
from nba_precompute.tables.sources import FACT_SOURCES
from nba_precompute_tests.bigquery.fixtures import NewWarehouse
from nba_precompute_tests.bigquery.proxy import Proxy
from nba_precompute_tests.sources.small import OPENING, as_content, content, game, games

PLAYERS, DEFENSE, OFFENSE = FACT_SOURCES
DATES = [OPENING + dt.timedelta(days=n) for n in range(6)]


@pytest.mark.slow
def test_a_date_is_emptied_and_a_shrinking_load_is_refused(new_bigquery: NewWarehouse, proxy: Proxy) -> None:
    warehouse = new_bigquery()
    league = [game(date, f"00{n}") for n, date in enumerate(DATES)]
    load(warehouse, games(*league))
    corrected = games(*league[:2], game(DATES[3], "003", points=30), *league[4:])
    facts = {name: corrected[name] for name in FACT_SOURCES}
    assert [list(entry.kept) for entry in load(warehouse, facts)] == [[DATES[2]]] * 3
    proxy.reset()
    loaded = load(warehouse, facts, between=(DATES[0], DATES[-1]))
    assert [(entry.unchanged, entry.emptied) for entry in loaded] == [(True, {DATES[2]: n}) for n in (4, 2, 2)]
    assert proxy.steps()["replace"] == 1
    before = games(*league)
    assert content(warehouse) == as_content(before | facts)
    with pytest.raises(ShrinkRefused):
        load(warehouse, {OFFENSE: corrected[OFFENSE].slice(1)})
    assert content(warehouse) == as_content(before | facts)
    load(warehouse, {OFFENSE: corrected[OFFENSE].slice(1)}, allow_shrink=True)
    assert len(content(warehouse)[OFFENSE]) == 9
