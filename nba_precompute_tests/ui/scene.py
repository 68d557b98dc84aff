"""The data behind the pages: a simulated league two weeks into its season, with one gap, and one date to come.

Dagster plots the newest 120 partitions, so the league is moved to end today; in the off-season and its first two weeks,
to end with June. The processes are the shipped ones, on the real clock.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from nba_precompute.calendar import calendar_between, in_calendar, season_of
from nba_precompute.orchestration.dagster_private.records import report_materializations
from nba_precompute.simulation import simulate_season
from nba_precompute.tables import TABLES
from nba_precompute.tables.sources import CONTEXT, SCHEDULE
from nba_precompute_tests.support.platform import Phase3, Platform
from nba_precompute_tests.support.running import Shell


@dataclass(frozen=True)
class Scene:
    """Fourteen dates with games, by what has arrived of them.

    Attributes:
        loaded: have Phase 3.
        gap: one of these, on which the context lacks a team; nothing else reads the context of that date.
        coming: the day after them; its slate is listed while the sensors are on.
        awaited: are scheduled, and nothing more arrives.
    """

    loaded: list[dt.date]
    gap: dt.date
    coming: dt.date
    awaited: list[dt.date]

    @classmethod
    def ending(cls, today: dt.date) -> Scene:
        """Return the scene for a given today."""
        span = dt.timedelta(days=13)
        last = today if in_calendar(today) and in_calendar(today - span) else dt.date(today.year, 6, 30)
        dates = calendar_between(last - span, last)
        return cls(loaded=dates[:11], gap=dates[8], coming=dates[11], awaited=dates[12:])

    def phase3(self, listed: dt.date) -> Phase3:
        """The league with slates listed up to a date, the box scores of the loaded dates, and the whole schedule."""
        opening = self.loaded[0]
        season = simulate_season(season_of(opening))
        shift = opening - min(season["player_game_summary"]["game_date"].to_pylist())
        moved = {name: _moved(rows, shift) for name, rows in season.items()}
        ends = dict.fromkeys(moved, self.loaded[-1]) | {CONTEXT: listed, SCHEDULE: self.awaited[-1]}
        cut = {name: _between(rows, opening, ends[name]) for name, rows in moved.items()}
        games = set(cut[SCHEDULE]["game_date"].to_pylist())
        assert games == {*self.loaded, self.coming, *self.awaited}, "every date has games"
        return cut | {CONTEXT: self._without_a_team(cut[CONTEXT])}

    def _without_a_team(self, context: pa.Table) -> pa.Table:
        of_gap = pc.equal(context["game_date"], pa.scalar(self.gap))
        team = pc.min(context.filter(of_gap)["team_abbr"])
        return context.filter(pc.invert(pc.and_(of_gap, pc.equal(context["team_abbr"], team))))


def _moved(rows: pa.Table, shift: dt.timedelta) -> pa.Table:
    dates = pa.array([date + shift for date in rows["game_date"].to_pylist()], pa.date32())
    return rows.set_column(rows.column_names.index("game_date"), "game_date", dates)


def _between(rows: pa.Table, first: dt.date, last: dt.date) -> pa.Table:
    dates = rows["game_date"]
    return rows.filter(pc.and_(pc.greater_equal(dates, pa.scalar(first)), pc.less_equal(dates, pa.scalar(last))))


def set_up(shell: Shell, scene: Scene) -> Platform:
    """A warehouse and an instance on the morning after the last date that is loaded; nothing of it is published.

    Phase 3 is observed and its coverage checked. The season's dates before its opening have no games and are on record
    as published, or automation would first fill up to eight months of them.
    """
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAGSTER_HOME", shell.environment["DAGSTER_HOME"])
        instance = dg.DagsterInstance.get()
    platform = Platform(shell.database, scene.phase3(scene.loaded[-1]), instance)
    platform.cover()
    before = calendar_between(dt.date(season_of(scene.gap), 7, 1), scene.loaded[0] - dt.timedelta(days=1))
    report_materializations(
        instance, [dg.AssetMaterialization(name, partition=str(date)) for name in TABLES for date in before]
    )
    return platform
