"""Rest and load of a player before a date, from his played games and the schedule (contract, section 4.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from nba_precompute_tests.oracle.arithmetic import mean, total
from nba_precompute_tests.oracle.cleaning import Row
from nba_precompute_tests.oracle.windows import last_days

_ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Load:
    """Without a prior game the rest is unknown and the counts and minutes are 0."""

    days_rest: int | None
    back_to_back: bool | None
    games_7: int
    games_14: int
    minutes_7: Fraction | None
    minutes_14: Fraction | None
    minutes_per_game_7: Fraction | None
    back_to_backs_14: int


def load_of(games: Sequence[Row], date: dt.date) -> Load:
    """The load from the player's played games before the date, newest first."""
    days_rest = (date - games[0]["game_date"]).days if games else None
    week, fortnight = last_days(games, date, 7), last_days(games, date, 14)
    all_dates = {game["game_date"] for game in games}
    return Load(
        days_rest=days_rest,
        back_to_back=None if days_rest is None else days_rest == 1,
        games_7=len(week),
        games_14=len(fortnight),
        minutes_7=_minutes(week),
        minutes_14=_minutes(fortnight),
        minutes_per_game_7=mean(game["minutes_played"] for game in week),
        # The first night of a back-to-back may lie just outside the 14 days.
        back_to_backs_14=sum(game["game_date"] - _ONE_DAY in all_dates for game in fortnight),
    )


def days_since(dates: Sequence[dt.date], date: dt.date) -> int | None:
    """Days since the newest of the dates (newest first)."""
    return (date - dates[0]).days if dates else None


def _minutes(games: Sequence[Row]) -> Fraction | None:
    """0 over a window without games; NULL where no game's minutes are known."""
    return total(game["minutes_played"] for game in games) if games else Fraction(0)
