"""Waivers: gaps in the box scores that will never close, with the reason that an operator gave (contract, section 3).

Here: reading, adding and removing them. Not here: what no longer waits for a waived side (`sql/macros/complete.sql`),
and the command (`cli/waive.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from nba_precompute.calendar import today
from nba_precompute.sql import RunDates, fill, literal, render
from nba_precompute.tables import WAIVERS
from nba_precompute.warehouse import Replacement, Session, Warehouse
from nba_precompute.warehouse.schema_sync import refuse_mismatches


class WaiverError(Exception):
    """A side of a game cannot be waived, or its waiver cannot be removed; the message says why, and what can be."""


@dataclass(frozen=True)
class Waiver:
    """A waived side of a game.

    Attributes:
        date: date of the game.
        team: the team whose side is waived.
        reason: why the gap will never close.
        waived_by: the operator.
        created_at: when it was waived (UTC).
    """

    date: dt.date
    team: str
    reason: str
    waived_by: str
    created_at: dt.datetime


def read(session: Session, first: dt.date, last: dt.date) -> list[Waiver]:
    """Return the waivers of the games from `first` to `last`, by date and team.

    Raises:
        SchemaMismatch: if the table is missing or does not match its declaration.
    """
    return _read(session, f"game_date BETWEEN DATE '{first}' AND DATE '{last}'")


def add(warehouse: Warehouse, date: dt.date, team: str, reason: str, waived_by: str) -> Waiver:
    """Waive a side of a game that is not covered; waiving it again for the same reason changes nothing.

    Raises:
        WaiverError: if there is no reason or operator, if the date is after today, if the team has no game that counts
            on the date, or if its side is covered, or is waived for another reason.
        WarehouseError: if the warehouse cannot be read or written, or a table is missing.
    """
    reason, waived_by = (" ".join(text.split()) for text in (reason, waived_by))
    if not reason:
        raise WaiverError("a waiver needs a reason: why will this gap never close?")
    if not waived_by:
        raise WaiverError("a waiver needs the name of the operator who waives the gap")
    if date > today():
        raise WaiverError(f"{date} is after today ({today()}, New York); only the gap of a past game can be waived")
    where = _is_side(date, team)
    purpose = f"waiving {team} on {date}"
    with warehouse.reading(purpose) as session:
        known = _read(session, where)
        if not known:
            _refuse_side(session, date, team)
    if not known:
        with warehouse.writing(purpose) as session:
            now = session.timestamp(dt.datetime.now(dt.UTC))
            session.execute(
                fill(
                    "load/waive",
                    relation=session.relation,
                    date=date,
                    team=team,
                    reason=reason,
                    waived_by=waived_by,
                    now=now,
                ),
                "waive",
            )
            known = _read(session, where)
    waiver = known[0]
    if waiver.reason != reason:
        raise WaiverError(
            f"{team} on {date} is already waived, by {waiver.waived_by}: {waiver.reason}. To give another reason, run "
            f"`nba-precompute waive --remove {date} {team}` first"
        )
    return waiver


def remove(warehouse: Warehouse, date: dt.date, team: str) -> Waiver:
    """Remove a waiver, and return it: checks and automation wait for the side again.

    Raises:
        WaiverError: if the side is not waived.
        WarehouseError: if the warehouse cannot be read or written, or the table is missing.
    """
    where = _is_side(date, team)
    purpose = f"removing the waiver of {team} on {date}"
    with warehouse.reading(purpose) as session:
        known = _read(session, where)
    if not known:
        raise WaiverError(f"{team} on {date} is not waived; `nba-precompute waive --list` shows what is")
    with warehouse.writing(purpose) as session:
        session.replace_all([Replacement(table=WAIVERS, where=where, staged=None)])
    return known[0]


def _is_side(date: dt.date, team: str) -> str:
    return f"game_date = DATE '{date}' AND team_abbr = {literal(team)}"


def _read(session: Session, where: str) -> list[Waiver]:
    refuse_mismatches(session, [WAIVERS])
    columns = [column.name for column in WAIVERS.published_columns]
    statement = fill("read/input", table=WAIVERS, relation=session.relation, columns=columns, where=where)
    return [
        Waiver(
            date=row["game_date"],
            team=row["team_abbr"],
            reason=row["reason"],
            waived_by=row["waived_by"],
            created_at=row["created_at"],
        )
        for row in session.query(statement, "waivers")
    ]


def _refuse_side(session: Session, date: dt.date, team: str) -> None:
    """Refuse a side that is not scheduled, or that is covered."""
    rows = session.query(render("read/sides", None, RunDates.of([date]), session.relation, team=team), "sides")
    gaps = {(row["game_date"], row["team_abbr"]): row["gap"] for row in rows}
    if (date, team) not in gaps:
        raise WaiverError(f"{team} has no game that counts on {date}{_hint(date, team, list(gaps))}")
    if gaps[date, team] is None:
        raise WaiverError(f"{team} on {date} is covered: there is no gap to waive")


def _hint(date: dt.date, team: str, sides: Sequence[tuple[dt.date, str]]) -> str:
    """Name what was probably meant: the team's nearest date, the most similar team of the date, or all of them."""
    teams = [other for day, other in sides if day == date]
    own_dates = [day for day, other in sides if other == team]
    if own_dates:
        return f"; its nearest one is on {min(own_dates, key=lambda day: abs(day - date))}"
    if not teams:
        return ", and neither has any other team"
    similar = get_close_matches(team.upper(), teams, n=1)
    return f"; did you mean {similar[0]}?" if similar else f"; the teams of that date are {', '.join(teams)}"
