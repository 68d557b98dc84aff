"""What makes a date incomplete, each rule on both sides of its limit (contract, section 3, the check `complete`).

The rules are judged twice: by the check of each table, and by the observation, for which automation waits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from nba_precompute.quality.names import COMPLETE, PLAUSIBLE
from nba_precompute.quality.rules import judge
from nba_precompute.sources.observation import observe
from nba_precompute.tables import SOURCES, TABLES
from nba_precompute.tables.scopes import Scope
from nba_precompute_tests.bad_input.helpers import (
    CONTEXT,
    DATES,
    DEFENSE,
    LAST,
    SCHEDULE,
    TEAMS,
    build_league,
    moved,
    pairings,
    picked,
    remove,
)
from nba_precompute_tests.support.league import Rows, new_warehouse, to_tables

Damage = Callable[[Rows], object]
TEAM = "ATL"
"""It plays on every date."""
TWO_GAMES = DATES[10]
IDLE = next(team for team in TEAMS if not any(team in game for game in pairings(TWO_GAMES)))
"""It has no game on `TWO_GAMES`, and one on each of the ten dates before."""
RULES = {COMPLETE: ("short_windows", "newest_sides_uncovered", "lost_joins"), PLAUSIBLE: ("uncovered_sides",)}


def uncovered(*dates: dt.date, team: str = TEAM) -> Damage:
    """The team's defense rows of some dates are missing."""
    return lambda rows: remove(
        rows, DEFENSE, lambda row: row["game_date"] in dates and row["defending_team_abbr"] == team
    )


def named(prefix: str, count: int, date: dt.date = LAST, *, with_ids: bool = True) -> Damage:
    """The keys, and the ids, of some listed players are those of nobody who has played."""

    def apply(rows: Rows) -> None:
        listed = [row for row in picked(rows, CONTEXT, game_date=date) if not row["player_lookup"].endswith("8")]
        for row in listed[:count]:
            row["player_lookup"] = f"{prefix}{row['player_lookup']}"
            if with_ids:
                row["universal_player_id"] = f"{prefix}{row['universal_player_id']}"

    return apply


def short(*games: str) -> dict[str, str]:
    return {"short_windows": f"teams with less than 90 % of their window covered: {len(games)} (e.g. {games[0]} games)"}


def newest(date: dt.date, team: str = TEAM) -> dict[str, str]:
    side = f"{team} on {date}: no team defense row"
    return {"newest_sides_uncovered": f"uncovered sides on the newest game date before: 1 (e.g. {side})"}


def lost(count: int, example: str) -> dict[str, str]:
    return {
        "lost_joins": f"listed players whose player_lookup meets no earlier box score: {count} of 48 (e.g. {example})"
    }


def warned(*dates: dt.date, team: str = TEAM) -> dict[str, str]:
    """The warning about other uncovered sides, newest first."""
    sides = ", ".join(f"{team} on {date}: no team defense row" for date in sorted(dates, reverse=True))
    return {"uncovered_sides": f"other uncovered sides of games in the 30 days before: {len(dates)} (e.g. {sides})"}


@dataclass(frozen=True)
class Case:
    """Damage to a league, and the rules that it breaks on a date.

    Attributes:
        slate, league: rule -> text, of the tables of players and of the table of teams.
        both: of all five.
    """

    damage: Damage
    date: dt.date = LAST
    slate: Mapping[str, str] = field(default_factory=dict)
    league: Mapping[str, str] = field(default_factory=dict)
    both: Mapping[str, str] = field(default_factory=dict)

    def expected(self, scope: Scope) -> dict[str, str]:
        return {**self.both, **(self.league if scope is Scope.LEAGUE else self.slate)}


CASES = {
    "nothing": Case(lambda rows: None),
    "9 of the newest 10 games": Case(uncovered(DATES[8]), both=warned(DATES[8])),
    "8 of the newest 10 games": Case(
        uncovered(*DATES[8:10]),
        slate=short("ATL, 8 of 10"),
        league=short("ATL, 11 of 13"),
        both=warned(*DATES[8:10]),
    ),
    "9 of the newest 10 and 11 of 13 games": Case(
        uncovered(DATES[1], DATES[8]), league=short("ATL, 11 of 13"), both=warned(DATES[1], DATES[8])
    ),
    "9 of 10 games of the season": Case(uncovered(DATES[4]), DATES[10], both=warned(DATES[4])),
    "8 of 9 games of the season": Case(
        uncovered(DATES[4]), DATES[9], both={**short("ATL, 8 of 9"), **warned(DATES[4])}
    ),
    "a team that does not play": Case(
        uncovered(*DATES[2:5], team=IDLE),
        TWO_GAMES,
        league=short(f"{IDLE}, 7 of 10"),
        both=warned(*DATES[2:5], team=IDLE),
    ),
    "the newest game date": Case(uncovered(DATES[12]), both=newest(DATES[12])),
    "the newest game date, of a team that does not play": Case(
        uncovered(DATES[9], team=IDLE), TWO_GAMES, both=newest(DATES[9], IDLE)
    ),
    "a quarter of the listed players is unknown": Case(named("new", 6)),
    "more than a quarter of the listed players is unknown": Case(named("new", 7), slate=lost(13, "newdenplayer1")),
    "more than a quarter has a foreign key": Case(named("new", 7, with_ids=False), slate=lost(13, "newdenplayer1")),
    "a quarter has a foreign key": Case(named("new", 6, with_ids=False)),
    "everybody is unknown before the tenth game": Case(named("new", 42, DATES[9]), DATES[9]),
}


@dataclass(frozen=True)
class Judged:
    """What is found on the date of each case.

    Attributes:
        rules: case -> table -> rule -> text.
        waiting: case -> scope -> the reasons that the observation has.
    """

    rules: dict[str, dict[str, dict[str, str]]]
    waiting: dict[str, dict[Scope, list[str]]]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """Judge all cases together, each in a season of its own."""
    together: Rows = {name: [] for name in SOURCES}
    years_of: dict[dt.date, int] = {}
    for years, case in enumerate(CASES.values()):
        rows = build_league()
        case.damage(rows)
        for source, lines in rows.items():
            together[source] += [moved(row, years) for row in lines]
        years_of[case.date.replace(year=case.date.year + years)] = years
    warehouse = new_warehouse(tmp_path_factory.mktemp("complete") / "nba.duckdb", to_tables(together))
    names = list(CASES)

    def in_2021(text: str, years: int) -> str:
        return text.replace(f"{2021 + years}-", "2021-")

    found = Judged({name: {} for name in names}, {})
    with warehouse.reading("test") as session:
        for table in TABLES.values():
            for date, judgment in judge(session, table, list(years_of)).items():
                found.rules[names[years_of[date]]][table.name] = {
                    broken.rule: in_2021(broken.text, years_of[date])
                    for check, rules in RULES.items()
                    for broken in judgment.broken[check]
                    if broken.rule in rules
                }
    for seen in observe(warehouse, list(years_of)).dates:
        if seen.source == SCHEDULE:
            years = years_of[seen.date]
            found.waiting[names[years]] = {
                scope: [in_2021(text, years) for text in texts] for scope, texts in seen.incomplete.items()
            }
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_rule_is_broken_beyond_its_limit_and_not_at_it(judged: Judged, name: str) -> None:
    for table in TABLES.values():
        assert judged.rules[name][table.name] == CASES[name].expected(Scope.of(table)), table.name


@pytest.mark.parametrize("name", CASES)
def test_the_observation_waits_for_what_blocks_and_not_for_a_warning(judged: Judged, name: str) -> None:
    blocked = {scope for scope in Scope if CASES[name].expected(scope).keys() - set(RULES[PLAUSIBLE])}
    assert judged.waiting[name].keys() == blocked


def test_the_observation_names_teams_sides_and_the_nearest_key(judged: Judged) -> None:
    window = "teams with less than 90 % of their window covered: {}".format
    side = f"uncovered sides on the newest game date before: {TEAM} on {DATES[12]}: no team defense row"
    keys = "listed players whose player_lookup meets no earlier box score: 13 of 48"
    for name, slate, league in (
        ("8 of the newest 10 games", [window("ATL (8 of 10 games)")], [window("ATL (11 of 13 games)")]),
        ("the newest game date", [side], [side]),
        (
            "more than a quarter has a foreign key",
            [f"{keys} (e.g. newdenplayer1; nearest known key: denplayer1)"],
            None,
        ),
    ):
        assert judged.waiting[name].get(Scope.SLATE) == slate
        assert judged.waiting[name].get(Scope.LEAGUE) == league
