"""The spellings of ids, dates, minutes and numbers in the league's files; a value that does not fit raises ValueError.

Here: one value at a time. Not here: columns of values and the error that names them (`grid.py`), teams (`teams.py`).
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from nba_precompute.tables.league import GAME_TYPE_OF_PREFIX

_ISO_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ]00:00:00(?:\.0+)?Z?)?")
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: 00:00:00| 12:00:00 AM)?")
_NAMED_DATE = re.compile(r"([A-Z]{3})[A-Z]* (\d{1,2}), (\d{4})")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_COLON = re.compile(r"(\d+)(?:\.0+)?:(\d{2})(?:\.0+)?")
_ISO_DURATION = re.compile(r"PT(?:(\d+)M)?(?:(\d{1,2})(?:\.(\d+))?S)?")
_DECIMAL = re.compile(r"\d+(?:\.(\d+))?")

OLDEST_SEASON_IN_TWO_DIGITS = 46
"""Game ids have two digits for the season; the league's first was 1946-47."""


def is_missing(value: object) -> bool:
    """Return True for None, a blank text, and NaN, which pandas writes for either."""
    return value is None or value != value or (isinstance(value, str) and not value.strip())


def text(value: object) -> str | None:
    """Return a text without the space around it; blank is None."""
    return None if is_missing(value) else str(value).strip()


def whole(value: object) -> int | None:
    """Return a whole number, also from `12.0`, as pandas writes it in a column with a blank cell."""
    if is_missing(value):
        return None
    number = float(str(value))
    if not number.is_integer():
        raise ValueError(value)
    return int(number)


def count(value: object) -> int | None:
    """Return a whole number that is not negative."""
    number = whole(value)
    if number is not None and number < 0:
        raise ValueError(value)
    return number


def flag(value: object) -> bool:
    """Return a boolean from `true`, `false`, 1 or 0, also as text."""
    spelled = str(value).strip().lower()
    if spelled in ("true", "1", "1.0"):
        return True
    if spelled in ("false", "0", "0.0", "", "none"):
        return False
    raise ValueError(value)


@lru_cache(maxsize=8192)
def decimal_id(value: object) -> str | None:
    """Return the id of a person or a team as text; 0 is nobody."""
    number = whole(value)
    return str(number) if number else None


def game_id(value: object) -> str:
    """Return a game id with its ten digits: CSV files lose the leading zeros.

    Raises:
        ValueError: also for the id of another league, which has another prefix.
    """
    number = whole(value)
    padded = f"{number or 0:010}"
    if padded[:3] not in GAME_TYPE_OF_PREFIX or len(padded) != 10:
        raise ValueError(value)
    return padded


def game_type(padded: str) -> str:
    """Return the type of a game by the prefix of its id, which is right where a season type is not."""
    return GAME_TYPE_OF_PREFIX[padded[:3]]


def season_of_game(padded: str) -> int:
    """Return the year in which the season of a game starts, from the fourth and fifth digit of its id."""
    year = int(padded[3:5])
    return year + (1900 if year >= OLDEST_SEASON_IN_TWO_DIGITS else 2000)


def season(value: object) -> int | None:
    """Return the year in which a season starts, from `2022-23`, `2022` or a season id such as `22022`."""
    spelled = text(value)
    if spelled is None:
        return None
    found = re.fullmatch(r"(?:[1-9])?(\d{4})(?:-\d{2})?(?:\.0)?", spelled)
    if not found:
        raise ValueError(value)
    return int(found[1])


def date(value: object) -> dt.date | None:
    """Return a calendar date from `2022-10-18`, `20221018`, `OCT 18, 2022` or `10/18/2022`; midnight may follow.

    A time of day other than midnight does not fit: it would be a time in some zone, maybe on another date in New York.
    """
    spelled = text(value)
    if spelled is None:
        return None
    if found := _ISO_DATE.fullmatch(spelled):
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    if found := _US_DATE.fullmatch(spelled):
        return dt.date(int(found[3]), int(found[1]), int(found[2]))
    if (found := _NAMED_DATE.fullmatch(spelled.upper())) and found[1] in _MONTHS:
        return dt.date(int(found[3]), _MONTHS.index(found[1]) + 1, int(found[2]))
    raise ValueError(value)


Minutes = tuple[float | None, bool | None]
"""Minutes, and whether they are known to the second; both None if the file has none."""


@lru_cache(maxsize=8192)
def minutes(value: object) -> Minutes:
    """Return minutes from `34:12`, `PT34M12.00S`, `34`, `34.2`; an empty cell is unknown.

    A decimal with two digits or more after the point is taken as exact; one digit or none is rounded.
    """
    spelled = text(value)
    if spelled is None:
        return None, None
    if found := _COLON.fullmatch(spelled):
        return _of_seconds(int(found[1]), int(found[2]))
    if spelled != "PT" and (found := _ISO_DURATION.fullmatch(spelled)):
        return _of_seconds(int(found[1] or 0), int(found[2] or 0))
    if found := _DECIMAL.fullmatch(spelled):
        return float(spelled), len(found[1] or "") >= 2
    raise ValueError(value)


def _of_seconds(whole_minutes: int, seconds: int) -> Minutes:
    if seconds >= 60:
        raise ValueError(seconds)
    return (60 * whole_minutes + seconds) / 60, True


@lru_cache(maxsize=8192)
def seconds_left(value: object) -> float | None:
    """Return the seconds on the clock from `11:42`, `0:03.5` or `PT11M42.00S`."""
    spelled = text(value)
    if spelled is None:
        return None
    if found := re.fullmatch(r"(\d+):(\d{1,2}(?:\.\d+)?)", spelled):
        return 60 * int(found[1]) + float(found[2])
    if spelled != "PT" and (found := _ISO_DURATION.fullmatch(spelled)):
        return 60 * int(found[1] or 0) + float(f"{found[2] or 0}.{found[3] or 0}")
    raise ValueError(value)
