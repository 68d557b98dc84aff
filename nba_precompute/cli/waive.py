"""`waive`: gaps in the box scores that will never close, waived with a reason, listed, or removed."""

from __future__ import annotations

import datetime as dt
import getpass
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from nba_precompute.calendar import FIRST_DATE, today
from nba_precompute.cli.app import AsJson, Refused
from nba_precompute.cli.output import data_table, print_json, say, show, text_columns
from nba_precompute.warehouse import warehouse_from_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table as RichTable

    from nba_precompute.quality.waivers import Waiver
    from nba_precompute.warehouse import Warehouse


def command(
    date: Annotated[dt.datetime | None, typer.Argument(formats=["%Y-%m-%d"], metavar="DATE")] = None,
    team: Annotated[str | None, typer.Argument(metavar="TEAM")] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why the gap will never close.")] = "",
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Who waives it. Default: the current user.")
    ] = None,
    is_list: Annotated[bool, typer.Option("--list", help="List the waived sides, and change nothing.")] = False,
    is_removal: Annotated[bool, typer.Option("--remove", help="Wait for the side of DATE and TEAM again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Waive a gap that will never close, such as a game whose box score is lost.

    Checks, plan and automation no longer wait for that side of the game (DATE is its date, TEAM such as BOS). The
    completeness columns still count it as missing, and `status` and `report` list it. A side that is covered, that is
    not on the schedule, or whose game is still to come is refused.

    Example: `nba-precompute waive 2022-01-03 BOS --reason "the feed has no box score"`
    """
    warehouse = warehouse_from_environment()
    if is_list:
        if is_removal or date or reason or by:
            raise typer.BadParameter("--list takes no other argument than --json")
        _list(warehouse, as_json=as_json)
        return
    if date is None or team is None:
        raise typer.BadParameter("name the DATE and the TEAM of the side, or use --list")
    if is_removal and (reason or by):
        raise typer.BadParameter("--remove takes neither --reason nor --by")
    if not is_removal and not reason.strip():
        raise typer.BadParameter("say with --reason why the gap will never close")
    waiver = _changed(warehouse, date.date(), team, reason, by, is_removal=is_removal)
    side = f"{waiver.team} on {waiver.date}"
    if as_json:
        print_json(asdict(waiver))
    elif is_removal:
        say(f"{side} is no longer waived: checks, plan and automation wait for it again")
    else:
        say(f"{side} is waived ({waiver.reason}): checks, plan and automation no longer wait for it")


def _changed(
    warehouse: Warehouse, date: dt.date, team: str, reason: str, by: str | None, *, is_removal: bool
) -> Waiver:
    from nba_precompute.quality.waivers import WaiverError, add, remove

    try:
        if is_removal:
            return remove(warehouse, date, team)
        return add(warehouse, date, team, reason, _current_user() if by is None else by)
    except WaiverError as error:
        raise Refused(str(error)) from None


def _current_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise typer.BadParameter("the current user has no name; say with --by who waives the gap") from None


def _list(warehouse: Warehouse, *, as_json: bool) -> None:
    from nba_precompute.quality.waivers import read

    with warehouse.reading("waivers") as session:
        found = read(session, FIRST_DATE, today())
    if as_json:
        print_json([asdict(waiver) for waiver in found])
    elif found:
        show(waivers_table(found))
    else:
        say("nothing is waived")


def waivers_table(waivers: Sequence[Waiver]) -> RichTable:
    """Return a printed table of waivers."""
    rows = [
        (str(waiver.date), waiver.team, waiver.reason, waiver.waived_by, f"{waiver.created_at:%Y-%m-%d %H:%M}")
        for waiver in waivers
    ]
    return data_table("waived gaps (times in UTC)", text_columns("date", "team", "reason", "by", "at"), rows)
