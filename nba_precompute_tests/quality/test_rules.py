"""Every rule of the three checks finds its planted fault on its date, and no other rule breaks."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

import duckdb
import pytest

from nba_precompute.quality.names import COMPLETE, PLAUSIBLE
from nba_precompute.quality.rules import Judgment, drift_limit, judge
from nba_precompute.tables import TABLES, Table
from nba_precompute.tables.common import TRAILING_DATES
from nba_precompute.warehouse.duckdb import DuckDBWarehouse
from nba_precompute_tests.orchestration.checks.faults import (
    FAULTS,
    MLFS,
    PDC,
    TDZA,
    Fault,
    name_of,
    value,
    with_limits,
)
from nba_precompute_tests.proof.seasons import COUNTED, PublishedSeason, Seasons
from nba_precompute_tests.support.league import days, execute

pytestmark = pytest.mark.slow

D = dt.date.fromisoformat
DAY = dt.timedelta(days=1)

FIRST = D("2021-12-01")
"""Every team's windows are full, and the 14 game dates before it are published."""

LATER = D("2022-03-04")
"""After all planted faults, however many there are, and where the season itself neither drifts nor rests: not after the
All-Star break, when nobody plays on a second night."""

BOX_SCORES, OFFENSE, DEFENSE = (
    f"nba_analytics.{name}"
    for name in ("player_game_summary", "team_offense_game_summary", "team_defense_game_summary")
)


def red(judgment: Judgment) -> frozenset[str]:
    """Return `check.rule` of every broken rule."""
    return frozenset(f"{check}.{broken.rule}" for check, found in judgment.broken.items() for broken in found)


def judged(warehouse: DuckDBWarehouse, table: Table, dates: list[dt.date]) -> dict[dt.date, Judgment]:
    with warehouse.reading("test") as session:
        return judge(session, table, dates)


def label(fault: Fault) -> str:
    return f"{fault.table.name}: {fault.name}"


@dataclass
class Planted:
    """A season with all faults in it, and the judgments of every date.

    Attributes:
        dates: the date of each fault that affects one date.
        night: the date with four uncovered sides, those of `teams`.
        constant: the trailing dates on which no player is on the second night of a back-to-back.
        beyond, within: dates whose mean is just beyond the drift limit, and just within it.
    """

    warehouse: DuckDBWarehouse
    dates: dict[str, dt.date]
    night: dt.date
    constant: list[dt.date]
    beyond: dt.date
    within: dt.date
    teams: list[str] = field(default_factory=list)
    judgments: dict[str, dict[dt.date, Judgment]] = field(default_factory=dict)

    def ask(self, sql: str) -> list[tuple]:
        with duckdb.connect(self.warehouse.path) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def planted(seasons: Seasons, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    season = seasons.simulated(0)
    game_dates = [date for date in season.game_dates if date >= FIRST]
    of_one_date = game_dates[: len(FAULTS)]
    later = [date for date in game_dates if date >= LATER]
    assert of_one_date[-1] < LATER
    planted = Planted(
        season.copy(tmp_path_factory.mktemp("planted")),
        {label(fault): date for fault, date in zip(FAULTS, of_one_date, strict=True)},
        night=later[0],
        constant=later[1 : 1 + TRAILING_DATES],
        beyond=later[2],
        within=later[4],
    )
    execute(planted.warehouse, *(sql for fault in FAULTS for sql in fault.sql(planted.dates[label(fault)])))
    _uncover(planted)
    on = ", ".join(f"DATE '{date}'" for date in planted.constant)
    execute(
        planted.warehouse,
        f"UPDATE {name_of(MLFS)} SET {value('back_to_back', '0')} WHERE game_date IN ({on}) AND back_to_back = 1",
    )
    _shift(planted, season, planted.beyond, 1.01)
    _shift(planted, season, planted.within, 0.99)
    span = days(FIRST, planted.night + 32 * DAY)
    planted.judgments = {name: judged(planted.warehouse, table, span) for name, table in TABLES.items()}
    planted.warehouse.path.unlink()
    return planted


def _uncover(planted: Planted) -> None:
    """Take from four teams, in turn, the offense row, the defense row, a point, and half of the minutes."""
    night = f"game_date = DATE '{planted.night}'"
    planted.teams = [row[0] for row in planted.ask(f"SELECT team_abbr FROM {OFFENSE} WHERE {night} ORDER BY 1 LIMIT 4")]
    offense, defense, points, minutes = (f"{night} AND {{}} = '{team}'" for team in planted.teams)
    scorer = f"(SELECT MIN(player_lookup) FROM {BOX_SCORES} WHERE {points.format('team_abbr')} AND points > 0)"
    execute(
        planted.warehouse,
        f"DELETE FROM {OFFENSE} WHERE {offense.format('team_abbr')}",
        f"DELETE FROM {DEFENSE} WHERE {defense.format('defending_team_abbr')}",
        f"UPDATE {BOX_SCORES} SET points = points + 1 WHERE {night} AND player_lookup = {scorer}",
        f"UPDATE {BOX_SCORES} SET minutes_played = minutes_played / 2 WHERE {minutes.format('team_abbr')}",
    )


def _shift(planted: Planted, season: PublishedSeason, date: dt.date, share: float) -> None:
    """Give every row of a date a value that lies a share of the limit above the mean of the 14 game dates before."""
    cache = name_of(PDC)
    (trailing,) = planted.ask(
        f"SELECT AVG(points_avg_last_10), STDDEV_POP(points_avg_last_10) FROM {cache} WHERE NOT early_season_flag AND "
        f"cache_date IN (SELECT DISTINCT cache_date FROM {cache} WHERE cache_date < DATE '{date}' "
        f"ORDER BY 1 DESC LIMIT {TRAILING_DATES})"
    )
    ((games,),) = season.ask(f"SELECT COUNT(*) FROM games WHERE {COUNTED} AND game_date = DATE '{date}'")
    mean = trailing[0] + share * drift_limit("points_avg_last_10", 2 * games) * trailing[1]
    execute(
        planted.warehouse,
        f"UPDATE {cache} SET points_avg_last_10 = {mean} WHERE cache_date = DATE '{date}'",
    )


@pytest.mark.parametrize("fault", FAULTS, ids=label)
def test_a_planted_fault_is_found_by_its_rules(planted: Planted, fault: Fault) -> None:
    date = planted.dates[label(fault)]
    for name in TABLES:
        assert red(planted.judgments[name][date]) == fault.expected.get(name, frozenset()), name


def test_no_other_date_turns_red(planted: Planted) -> None:
    touched = set(planted.dates.values())
    for name, judgments in planted.judgments.items():
        assert {
            date: red(judgment)
            for date, judgment in judgments.items()
            if date <= planted.night and date not in touched and red(judgment)
        } == {}, name


def test_every_unit_has_its_impossible_value() -> None:
    everything = {column.unit for table in TABLES.values() for column in table.columns if column.limits}
    assert everything == {column.unit for table in TABLES.values() for column in with_limits(table)}


def test_an_uncovered_side_blocks_the_next_game_date_and_is_a_warning_on_those_of_30_days(planted: Planted) -> None:
    """Named with its reason in both; a team with one uncovered game of ten or fifteen has 90 % of its window."""
    reasons = ("no team offense row", "no team defense row", r"points \d+ of \d+", r"minutes \d+ of 235")
    named = ", ".join(
        f"{team} on {planted.night}: {reason}" for team, reason in zip(planted.teams, reasons, strict=True)
    )
    after = [date for date, found in planted.judgments[TDZA.name].items() if date > planted.night and found.teams]
    for judgments in planted.judgments.values():
        for date, judgment in judgments.items():
            blocking = [broken.text for broken in judgment.broken[COMPLETE] if broken.rule == "newest_sides_uncovered"]
            warning = [broken.text for broken in judgment.broken[PLAUSIBLE] if broken.rule == "uncovered_sides"]
            assert not [broken for broken in judgment.broken[COMPLETE] if broken.rule == "short_windows"]
            if date == after[0]:
                (text,) = blocking
                assert re.fullmatch(rf"uncovered sides on the newest game date before: 4 \(e\.g\. {named}\)", text)
                assert not warning
            elif date in after and date <= planted.night + 30 * DAY:
                (text,) = warning
                expected = rf"other uncovered sides of games in the 30 days before: 4 \(e\.g\. {named}\)"
                assert re.fullmatch(expected, text), date
                assert not blocking
            else:
                assert not blocking + warning, date
    assert planted.judgments[TDZA.name][planted.night + 31 * DAY].teams, "a date without games proves nothing"


def rules_of_values(judgment: Judgment) -> list[str]:
    """Return the broken rules of `plausible` but that of uncovered sides."""
    return [broken.rule for broken in judgment.broken[PLAUSIBLE] if broken.rule != "uncovered_sides"]


def test_a_column_that_never_varies_is_found_when_the_trailing_dates_are_full(planted: Planted) -> None:
    found = {
        date: rules_of_values(judgment)
        for date, judgment in planted.judgments[MLFS.name].items()
        if date > planted.night
    }
    assert {date: rules for date, rules in found.items() if rules} == {planted.constant[-1]: ["constant_back_to_back"]}


def test_a_date_is_never_part_of_the_mean_that_it_is_compared_with(planted: Planted) -> None:
    """If it were, mean and deviation would follow the shift, and a value just beyond the limit would be within."""
    found = planted.judgments[PDC.name]
    assert rules_of_values(found[planted.beyond]) == ["drift_points_avg_last_10"]
    assert rules_of_values(found[planted.within]) == []
