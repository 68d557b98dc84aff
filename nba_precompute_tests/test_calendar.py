"""The dates of the calendar, and which of them can be computed."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from nba_precompute import calendar
from nba_precompute.calendar import DateRefused, computable
from nba_precompute.orchestration.partitions import GAME_DATES


def at(monkeypatch: pytest.MonkeyPatch, date: dt.date) -> None:
    monkeypatch.setattr(calendar, "today", lambda: date)


def test_the_calendar_leaves_out_july_to_september_and_keeps_days_without_games() -> None:
    with dg.partition_loading_context(effective_dt=dt.datetime(2022, 11, 1, 12, tzinfo=dt.UTC)):
        keys = GAME_DATES.get_partition_keys()
    assert keys[0] == "2021-10-19"
    assert "2021-11-25" in keys  # Thanksgiving: no game, still a partition
    assert "2022-06-30" in keys
    assert "2022-10-01" in keys
    assert not [key for key in keys if key[5:7] in ("07", "08", "09")]


def test_todays_slate_has_a_partition_in_the_morning() -> None:
    with dg.partition_loading_context(effective_dt=dt.datetime(2021, 11, 5, 12, tzinfo=dt.UTC)):
        assert GAME_DATES.get_last_partition_key() == "2021-11-05"


def test_the_summer_offers_october_and_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with dg.partition_loading_context(effective_dt=dt.datetime(2026, 7, 15, 12, tzinfo=dt.UTC)):
        assert GAME_DATES.get_last_partition_key() == "2026-10-01"
    at(monkeypatch, dt.date(2026, 7, 15))
    with pytest.raises(DateRefused, match=r"2026-10-01 is after today \(2026-07-15, New York\)"):
        computable(["2026-06-01", "2026-10-01"])


@pytest.mark.parametrize("key", ["2021-10-18", "2022-07-01", "2022-09-30"])
def test_a_date_outside_the_calendar_is_refused(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, dt.date(2023, 1, 1))
    with pytest.raises(DateRefused, match=f"{key} is not in the calendar"):
        computable([key])


def test_today_is_new_yorks_date(monkeypatch: pytest.MonkeyPatch) -> None:
    late = dt.datetime(2022, 1, 2, 3, 30, tzinfo=dt.UTC)  # 22:30 on 1 January in New York

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return late.astimezone(tz)

    monkeypatch.setattr(calendar.dt, "datetime", Clock)
    assert calendar.today() == dt.date(2022, 1, 1)


def in_a_process(first_date: str, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NBA_FIRST_DATE": first_date}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_first_date_is_a_setting() -> None:
    """The calendar and the partitions start with it; without it, they start with the opening night of 2021-22."""
    assert str(calendar.FIRST_DATE) == "2021-10-19"
    found = in_a_process(
        "2018-10-16",
        "from nba_precompute.calendar import computable, season_dates\n"
        "from nba_precompute.orchestration.partitions import GAME_DATES\n"
        "print(computable(['2018-10-16', '2020-03-11'])[0], *season_dates(2018), GAME_DATES.get_first_partition_key())",
    )
    assert found.stdout.split() == ["2018-10-16", "2018-10-16", "2019-06-30", "2018-10-16"], found.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("16.10.2018", "'16.10.2018'; it must be a date such as 2018-10-16"),
        ("2018-08-01", "2018-08-01; it must be from October to June"),
        ("2999-10-16", "2999-10-16; it must be from October to June, from 1946-11-01 to today"),
    ],
)
def test_a_first_date_that_is_none_is_one_line(text: str, words: str) -> None:
    found = in_a_process(text, "import nba_precompute.calendar")
    assert (found.returncode, found.stderr.count("\n")) == (1, 1)
    assert found.stderr.startswith(f"error: NBA_FIRST_DATE is {words}")


LATE = """
import datetime as dt
from nba_precompute.calendar import calendar_between, in_calendar, season_dates, season_of, season_span
from nba_precompute.orchestration.partitions import GAME_DATES
D = dt.date.fromisoformat
assert [season_of(D(date)) for date in ("2020-07-30", "2020-10-11", "2020-10-12", "2021-07-20", "2021-07-21")] == [
    2019, 2019, 2020, 2020, 2021]
assert season_span(2019) == (D("2019-07-01"), D("2020-10-11"))
assert season_span(2020) == (D("2020-10-12"), D("2021-07-20"))
assert season_span(2021) == (D("2021-07-21"), D("2022-06-30"))
assert season_dates(2020) == (D("2020-10-12"), D("2021-07-20"))
keys = GAME_DATES.get_partition_keys()
assert keys == [str(date) for date in calendar_between(D("2019-10-22"), D(keys[-1]))]
assert "2020-08-15" in keys
"""


def test_two_seasons_went_on_after_june() -> None:
    found = in_a_process("2019-10-22", LATE)
    assert found.returncode == 0, found.stderr
    assert calendar.season_of(dt.date(2021, 7, 20)) == 2021, "by default, the calendar starts later"


SUMMER = """
import datetime as dt, sys
from pathlib import Path
from nba_precompute.sources.observation import observe
from nba_precompute.tables import TABLES
from nba_precompute_tests.oracle.tiny_league import tiny_league
from nba_precompute_tests.support.league import failures, new_warehouse, published, run, to_tables

def computed(first, season):
    dates = [first + dt.timedelta(days=2 * n) for n in range(12)]
    league = tiny_league(dates[:-1], dates[-1])
    for rows in league.values():
        for row in rows:
            row["season_year"] = season
    warehouse = new_warehouse(Path(sys.argv[1]) / f"{first}.duckdb", to_tables(league))
    run(warehouse, dates)
    assert not any(entry.findings for entry in observe(warehouse, dates).dates)
    dated = {"data_hash", "updated_at", *(table.date_column for table in TABLES.values()), "as_of_date", "game_id"}
    return [
        {name: value for name, value in row.items() if name not in dated and not isinstance(value, dt.date)}
        for table in TABLES.values()
        for date in dates
        for _, row in sorted(published(warehouse, table, date).items())
    ]

winter, bubble = computed(dt.date(2020, 2, 1), 2019), computed(dt.date(2020, 9, 19), 2019)
assert len(winter) > 50 and bubble == winter, [pair for pair in zip(winter, bubble) if pair[0] != pair[1]][:1]
"""


def test_the_summer_of_2020_computes_as_part_of_its_season(tmp_path: Path) -> None:
    """From 19 September to 11 October 2020, the season's last date."""
    found = in_a_process("2019-10-22", SUMMER, str(tmp_path))
    assert found.returncode == 0, found.stderr
