"""The forms that are read: how each is recognized, and what reads it; the preferred form of a fact comes first.

Here: the list of forms, and which one a content has. Not here: reading a content (one module per form), and files
(`reading.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nba_precompute.sources.league_files import (
    availability,
    box_scores,
    game_logs,
    people,
    plays_v2,
    plays_v3,
    schedules,
    shots,
)
from nba_precompute.sources.league_files.content import HEAD, csv_of, headers_of, is_json, json_of, text_of
from nba_precompute.sources.league_files.grid import Grid
from nba_precompute.sources.league_files.model import Unknown, Unreadable

if TYPE_CHECKING:
    import pyarrow as pa

Tables = dict[str, "pa.Table"]


@dataclass(frozen=True)
class Answer:
    """A form in nested JSON.

    Attributes:
        key: the object of the answer that only this form has.
        inner: a key that stands in that object, where the name of the object alone says too little.
    """

    name: str
    key: str
    parse: Callable[[Mapping[str, Any]], Tables]
    inner: str = ""

    def is_form_of(self, answer: object) -> bool:
        if not isinstance(answer, dict) or self.key not in answer:
            return False
        return not self.inner or (isinstance(answer[self.key], dict) and self.inner in answer[self.key])


@dataclass(frozen=True)
class Tabular:
    """A form in rows and named columns: a result set, or a CSV file.

    Attributes:
        columns: those that a file of the form has, in any order, among others.
        lacks: columns that would make it another form.
    """

    name: str
    columns: tuple[str, ...]
    parse: Callable[[Grid], Tables]
    lacks: tuple[str, ...] = ()

    def is_form_of(self, names: Iterable[str]) -> bool:
        found = set(names)
        return found.issuperset(self.columns) and found.isdisjoint(self.lacks)


Form = Answer | Tabular

FORMS: dict[str, Form] = {
    form.name: form
    for form in (
        Answer("scheduleleaguev2", schedules.KEY, schedules.parse),
        # Before the box score, whose totals lack the turnovers of the team itself.
        Tabular("game log of teams", game_logs.COLUMNS, game_logs.parse_teams, lacks=("PLAYER_ID",)),
        Answer("boxscoretraditionalv3", box_scores.KEY, box_scores.parse),
        Tabular("game log of players", (*game_logs.COLUMNS, "PLAYER_ID"), game_logs.parse_players),
        Answer("playbyplayv3", plays_v3.KEY, plays_v3.parse, inner="actions"),
        Tabular("playbyplayv2", plays_v2.COLUMNS, plays_v2.parse),
        Tabular("shotchartdetail", shots.COLUMNS, shots.parse),
        Tabular("commonteamroster", people.ROSTER_COLUMNS, people.parse_roster),
        Tabular("playerindex", people.INDEX_COLUMNS, people.parse_index),
        Tabular("availability", availability.COLUMNS, availability.parse),
    )
}
"""Every form by name. Where two forms have the same rows, those of the first stand."""

LOGS = ("game log of players", "game log of teams")
MERGED = ("scheduleleaguev2", *LOGS, "commonteamroster", "playerindex")
"""The forms whose games and people are merged before any of their rows is used."""

_ANSWERS = [form for form in FORMS.values() if isinstance(form, Answer)]
_TABULAR = [form for form in FORMS.values() if isinstance(form, Tabular)]
_FEWEST_COLUMNS = min(len(form.columns) for form in _TABULAR)

_HEADERS = re.compile(r'"headers"\s*:\s*(\[[^\]]*\])')


def form_of(path: Path) -> Form:
    """Return the form of a file by its content; the first part of the file is enough, but for unusual JSON.

    Raises:
        Unreadable: if the file is damaged, empty, or an HTML page.
        Unknown: if it is in no form that is read.
    """
    head = text_of(path, HEAD)
    if not is_json(head):
        return _tabular([headers_of(head)])
    for form in _ANSWERS:
        if re.search(rf'"{form.key}"\s*:\s*\{{', head) and (not form.inner or f'"{form.inner}"' in head):
            return form
    try:
        return _tabular(json.loads(found[1]) for found in _HEADERS.finditer(head))
    except (Unknown, json.JSONDecodeError):
        return _form_of_answer(json_of(text_of(path)))


def _tabular(several: Iterable[Iterable[str]]) -> Tabular:
    found = [tuple(str(name).strip().upper() for name in names) for names in several]
    for names in found:
        for form in _TABULAR:
            if form.is_form_of(names):
                return form
    if not found or len(found[0]) < _FEWEST_COLUMNS:
        raise Unknown("not a form that is read")
    raise Unknown(f"columns {', '.join(found[0][:5])}, ...: not a form that is read")


def _form_of_answer(answer: object) -> Form:
    for form in _ANSWERS:
        if form.is_form_of(answer):
            return form
    sets = list(_result_sets(answer))
    if sets:
        return _tabular(found["headers"] for found in sets)
    keys = ", ".join(list(answer)[:5]) if isinstance(answer, dict) else type(answer).__name__
    raise Unknown(f"JSON with {keys or 'nothing'}: not a form that is read")


def parse(path: Path, form: Form) -> Tables:
    """Read a file of a form.

    Raises:
        Unreadable: naming what does not fit. Then nothing of the file is used.
    """
    try:
        return _parse(text_of(path), form)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        # Text where an object should be, and the like: pyarrow's errors are ValueErrors and TypeErrors, too.
        raise Unreadable(f"does not have the structure of {form.name} ({type(error).__name__}: {error})") from None


def _parse(text: str, form: Form) -> Tables:
    if not is_json(text):
        if isinstance(form, Answer):
            raise Unreadable("not JSON")
        return _parsed(form, csv_of(text))
    answer = json_of(text)
    if isinstance(form, Answer):
        if not form.is_form_of(answer):
            raise Unreadable(f"has the key {form.key}, but not the structure of {form.name}")
        return form.parse(answer)
    asked = answer.get("parameters") if isinstance(answer, dict) else None
    for found in _result_sets(answer):
        grid = Grid(found["headers"], found.get("rowSet") or [], asked if isinstance(asked, dict) else None)
        if form.is_form_of(grid.names):
            return _parsed(form, grid)
    raise Unreadable(f"no result set has the columns of {form.name}")


def _parsed(form: Tabular, grid: Grid) -> Tables:
    if not grid.rows:
        asked = ", ".join(f"{key} {grid.asked[key]}" for key in ("Season", "GameID", "TeamID") if grid.asked.get(key))
        raise Unreadable(f"no rows{f' for {asked}' if asked else ''}; they are missing, which is not the same as none")
    return form.parse(grid)


def _result_sets(answer: object) -> Iterator[Mapping[str, Any]]:
    """Yield the result sets of an answer; older answers have one, under `resultSet`."""
    if isinstance(answer, dict):
        for key in ("resultSets", "resultSet"):
            found = answer.get(key)
            for one in found if isinstance(found, list) else [found]:
                if isinstance(one, dict) and isinstance(one.get("headers"), list):
                    yield one
