"""Which rebounds were offensive: the play-by-play tells it by counting, `REBOUND (Off:1 Def:3)`."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable

_COUNTS = re.compile(r"\(Off:(\d+) Def:(\d+)\)")


def offensive_rebounds(rebounds: Iterable[tuple[int, Hashable, str]]) -> dict[int, bool]:
    """Return whether each rebound is offensive, where the descriptions tell.

    Both counts of a player go up with each rebound. They are compared in the order of their sum, because plays that
    were entered late are out of order; two rebounds within a second may both show the counts after the second. A team's
    own rebounds have no counts.

    Args:
        rebounds: the place of each in the file, its player in its game, and its description.
    """
    by_player: dict[Hashable, dict[int, list[tuple[int, int]]]] = {}
    for place, player, description in rebounds:
        if counts := _COUNTS.search(description):
            offensive, defensive = int(counts[1]), int(counts[2])
            by_player.setdefault(player, {}).setdefault(offensive + defensive, []).append((place, offensive))
    result = {}
    for by_total in by_player.values():
        total_before = offensive_before = 0
        for total, found in sorted(by_total.items()):
            offensive = found[0][1]
            grown = offensive - offensive_before
            if total - total_before == len(found) and grown in (0, len(found)):
                result.update({place: grown > 0 for place, _ in found})
            total_before, offensive_before = total, offensive
    return result
