"""The oracle: reads the sources once, then computes one date at a time."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from nba_precompute_tests.oracle import composite, daily_cache, feature_store, shot_zones, team_defense
from nba_precompute_tests.oracle.admission import GAME_TYPES, Calendar, Finding, Findings, flaw
from nba_precompute_tests.oracle.cleaning import Fact, Row, Subject, keep_newest, season_of, tidy, zones_disagree
from nba_precompute_tests.oracle.common import Result
from nba_precompute_tests.oracle.identity import first_seen, identity_within_the_date, second_names
from nba_precompute_tests.oracle.season import AsOf, Season
from nba_precompute_tests.oracle.sources import (
    CONTEXT,
    FACTS,
    PLAYER_GAMES,
    SCHEDULE,
    SOURCES,
    TEAM_DEFENSE_GAMES,
    TEAM_OFFENSE_GAMES,
    Source,
)

TABLES = (team_defense.NAME, shot_zones.NAME, composite.NAME, daily_cache.NAME, feature_store.NAME)
"""In dependency order."""

Raw = Iterable[Mapping[str, Any]]


@dataclass
class Day:
    """The contents of the five tables for one date.

    Attributes:
        rows: table -> entity -> column -> value, rounded as stored.
        failures: table -> entity -> reason.
        refusal: why the date must not be computed; the rest is empty then.
    """

    rows: dict[str, dict[str, dict[str, Any]]]
    failures: dict[str, dict[str, str]]
    refusal: str | None = None


class Oracle:
    """Recomputes any date from the Phase 3 rows; every date on its own, from the facts before it.

    Attributes:
        findings: everything that is wrong with the sources, counted by source, date and kind.
    """

    def __init__(self, phase3: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Admit and clean the rows of the sources, by table name, and index them by season."""
        self.findings: Findings = Counter()
        self._seasons: dict[int, Season] = defaultdict(lambda: Season(Calendar.of(())))
        self._add_schedule(phase3[SCHEDULE.name])
        self._add_player_games(phase3[PLAYER_GAMES.name])
        self._add_context(phase3[CONTEXT.name])
        self._add_defense(phase3[TEAM_DEFENSE_GAMES.name])
        self._add_offense(phase3[TEAM_OFFENSE_GAMES.name])
        for season in self._seasons.values():
            season.index()

    def day(self, date: dt.date) -> Day:
        """Compute the five tables for the date; all are empty if it is refused or has no counting game."""
        view, refusal = self._as_of(date), self.refusal(date)
        if refusal or not view.is_game_date:
            return Day({table: {} for table in TABLES}, {table: {} for table in TABLES}, refusal)

        results: dict[str, Result] = {}
        results[team_defense.NAME] = defense, _ = team_defense.compute(view)
        results[shot_zones.NAME] = shots, _ = shot_zones.compute(view)
        results[composite.NAME] = factors, _ = composite.compute(view, shots, defense)
        results[daily_cache.NAME] = cache, _ = daily_cache.compute(view, shots)
        results[feature_store.NAME] = feature_store.compute(view, shots, defense, factors, cache)
        return Day(
            rows={table: rows for table, (rows, _) in results.items()},
            failures={table: failures for table, (_, failures) in results.items()},
        )

    def refusal(self, date: dt.date) -> str | None:
        """Return why the date must not be computed; what an earlier run knew of the schedule is not asked here."""
        view = self._as_of(date)
        if not view.season.slate:
            return "the season has no counting game"
        off_schedule, rows = view.rows_off_schedule()
        if 10 * off_schedule > rows:
            return f"of the season's {rows} rows before the date, {off_schedule} are off schedule"
        strange = [source.name for source in SOURCES if self.findings[source.name, date, "off_schedule"]]
        if strange and not view.is_game_date:
            return f"no counting game, but rows off schedule in {', '.join(strange)}"
        return None

    def findings_on(self, dates: Collection[dt.date]) -> dict[Finding, int]:
        """Return the findings of these dates."""
        wanted = set(dates)
        return {key: count for key, count in self.findings.items() if key[1] in wanted}

    def _as_of(self, date: dt.date) -> AsOf:
        return AsOf(self._seasons[season_of(date)], date)

    # Reading the sources; the schedule first.

    def _add_schedule(self, raw: Raw) -> None:
        rows = self._admitted(SCHEDULE, raw)
        for row in rows:
            if row["game_type"] not in GAME_TYPES:
                self.findings[SCHEDULE.name, row["game_date"], "unknown_game_type"] += 1
        self._one_per(SCHEDULE, rows, itemgetter("game_id"))
        by_season: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            by_season[season_of(row["game_date"])].append(row)
        for year, games in by_season.items():
            self._seasons[year] = Season(Calendar.of(games))

    def _add_player_games(self, raw: Raw) -> None:
        rows = self._admitted(PLAYER_GAMES, raw)
        for row in rows:
            if zones_disagree(row):
                self.findings[PLAYER_GAMES.name, row["game_date"], "zones_disagree"] += 1
        by_season: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            by_season[season_of(row["game_date"])].append(row)
        for year, of_season in by_season.items():
            self._count_second_names(PLAYER_GAMES, of_season)
            for (key, id_), first in first_seen(of_season).items():
                self._seasons[year].add_identity(key, id_, first)
        for (date, person), row in self._one_per(PLAYER_GAMES, rows, identity_within_the_date(rows)):
            self._seasons[season_of(date)].add_player_game(person, row)

    def _add_context(self, raw: Raw) -> None:
        rows = self._admitted(CONTEXT, raw)
        by_date: dict[dt.date, list[Row]] = defaultdict(list)
        for row in rows:
            by_date[row["game_date"]].append(row)
        for date, listed in by_date.items():
            self._count_second_names(CONTEXT, listed)
            for key, id_ in first_seen(listed):
                self._seasons[season_of(date)].context_ids[date][key].add(id_)
        for (date, person), row in self._one_per(CONTEXT, rows, identity_within_the_date(rows)):
            self._seasons[season_of(date)].context[date][person] = row

    def _add_defense(self, raw: Raw) -> None:
        rows = self._admitted(TEAM_DEFENSE_GAMES, raw)
        for (date, team), row in self._one_per(TEAM_DEFENSE_GAMES, rows, itemgetter("defending_team_abbr")):
            self._seasons[season_of(date)].defense[team].append(row)

    def _add_offense(self, raw: Raw) -> None:
        rows = self._admitted(TEAM_OFFENSE_GAMES, raw)
        for (date, team), row in self._one_per(TEAM_OFFENSE_GAMES, rows, itemgetter("team_abbr")):
            self._seasons[season_of(date)].offense[team].append(row)

    def _admitted(self, source: Source, raw: Raw) -> list[Row]:
        """The rows that no rule sets aside."""
        found = []
        for raw_row in raw:
            row = tidy(source, raw_row)
            date = row["game_date"]
            rule = flaw(source, row) or self._objection(source, row)
            if rule:
                self.findings[source.name, date, rule] += 1
            else:
                found.append(row)
            if source in FACTS and date is not None:
                self._seasons[season_of(date)].facts.append((date, rule == "off_schedule"))
        return found

    def _objection(self, source: Source, row: Row) -> str | None:
        """What the schedule has against a row without a flaw."""
        if source.team is None:
            return None
        season = self._seasons[season_of(row["game_date"])]
        if source is CONTEXT and row["game_date"] in season.slate:
            return None  # a listed player of a team without a game is a failure with a reason
        return season.calendar.objection(row["game_date"], row[source.team], row["game_id"])

    def _one_per(
        self, source: Source, rows: Iterable[Row], subject: Callable[[Row], Subject]
    ) -> Iterable[tuple[tuple[dt.date, Subject], Fact]]:
        kept = keep_newest(source, rows, subject)
        for kind, counts in (("duplicates", kept.dropped), ("conflicts", kept.differing)):
            for date, count in counts.items():
                self.findings[source.name, date, kind] += count
        return kept.rows.items()

    def _count_second_names(self, source: Source, rows: Iterable[Row]) -> None:
        for date, kind in second_names(rows):
            self.findings[source.name, date, kind] += 1
