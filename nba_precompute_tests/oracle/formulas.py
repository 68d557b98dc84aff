"""The formulas of sections 4.1 to 4.5, each on plain numbers; section 5 of the contract tests them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from operator import itemgetter

from nba_precompute_tests.oracle.arithmetic import clamp, mean, ratio, total
from nba_precompute_tests.oracle.rounding import Number, nine
from nba_precompute_tests.oracle.sources import ZONES

ZONE_LABELS = {"paint": "paint", "mid_range": "mid_range", "three_pt": "perimeter"}
"""The label of a zone where a column names a zone (contract, section 1)."""

# --- 4.1 team defense -------------------------------------------------------------------------------------


def strongest_and_weakest(stored_deltas: Mapping[str, float | None]) -> tuple[str | None, str | None]:
    """Labels of the smallest and the largest stored delta; ties: paint, mid_range, perimeter."""
    candidates = [(delta, zone) for zone in ZONES if (delta := stored_deltas[zone]) is not None]
    if not candidates:
        return None, None
    _, strongest = min(candidates, key=itemgetter(0))  # min and max keep the first of equals
    _, weakest = max(candidates, key=itemgetter(0))
    return ZONE_LABELS[strongest], ZONE_LABELS[weakest]


def team_tier(games: int) -> str:
    """`data_quality_tier` of a team."""
    return "high" if games >= 15 else "medium" if games >= 10 else "low"


# --- 4.2 shot zones ---------------------------------------------------------------------------------------


def primary_zone(paint: Number | None, mid_range: Number | None, three_pt: Number | None) -> str | None:
    """The primary scoring zone by its rates (percent); NULL without shots."""
    if paint is None or mid_range is None or three_pt is None:
        return None
    if nine(paint) >= 40:
        return "paint"
    if nine(three_pt) >= 40:
        return "perimeter"
    return "mid_range" if nine(mid_range) >= 35 else "balanced"


def sample_quality(games: int, window: int) -> str:
    """`sample_quality_*` of a number of games in a window."""
    if games >= window:
        return "excellent"
    if games >= window * 7 // 10:
        return "good"
    return "limited" if games >= window * 5 // 10 else "insufficient"


def player_tier(games: int) -> str:
    """`data_quality_tier` of a player."""
    return "high" if games >= 10 else "medium" if games >= 7 else "low"


# --- 4.3 composite factors --------------------------------------------------------------------------------


def fatigue_score(
    days_rest: int | None,
    games_7: int,
    minutes_7: Number | None,
    minutes_per_game_7: Number | None,
    back_to_backs_14: int,
    age: int | None,
) -> int | None:
    """0-100, 100 = fresh; NULL without a prior game."""
    if days_rest is None:
        return None
    score = 100
    if days_rest == 1:
        score -= 15
    elif days_rest >= 3:
        score += 5
    if games_7 >= 4:
        score -= 10
    if minutes_7 is not None and nine(minutes_7) > 150:
        score -= 10
    if minutes_per_game_7 is not None and nine(minutes_per_game_7) > 35:
        score -= 8
    if back_to_backs_14 >= 2:
        score -= 12
    elif back_to_backs_14 == 1:
        score -= 5
    if age is not None and age >= 35:
        score -= 10
    elif age is not None and age >= 30:
        score -= 5
    return min(max(score, 0), 100)


def fatigue_adjustment(score: int | None) -> Fraction | None:
    """-5 (exhausted) to 0 (fresh)."""
    return None if score is None else Fraction(score - 100, 20)


def mismatch_score(rate: Number | None, delta: Number | None) -> Fraction | None:
    """-10..10: the player's rate in his zone and what the opponent allows there; + is good for him."""
    if rate is None or delta is None:
        return None
    weighted = Fraction(delta) * min(Fraction(rate) / 50, Fraction(1))
    if abs(nine(weighted)) > 5:
        weighted *= Fraction(12, 10)
    return clamp(weighted, -10, 10)


def pace_differential(team: Number | None, opponent: Number | None, league: Number | None) -> Fraction | None:
    """Mean of both teams' pace minus the league's."""
    if team is None or opponent is None or league is None:
        return None
    return (Fraction(team) + Fraction(opponent)) / 2 - Fraction(league)


def pace_score(differential: Number | None) -> Fraction | None:
    """-3..3."""
    return None if differential is None else clamp(Fraction(differential) / 2, -3, 3)


def usage_spike_score(p: Number | None, b: Number | None, stars_out: int | None) -> Fraction | None:
    """-3..3 from the recent (or projected) and the season's usage; stars out amplify a rise only."""
    if p is None or b is None:
        return None
    spike = Fraction(3, 10) * (Fraction(p) - Fraction(b))
    if spike > 0 and stars_out is not None and stars_out >= 1:
        spike *= Fraction(115, 100) if stars_out == 1 else Fraction(130, 100)
    return clamp(spike, -3, 3)


def composite_warnings(fatigue: int | None, mismatch: Number | None, adjustment: Number | None) -> list[str]:
    """The closed set of `warnings`, in its order."""
    warnings = []
    if fatigue is not None and fatigue < 50:
        warnings.append("EXTREME_FATIGUE")
    if mismatch is not None and abs(nine(mismatch)) > 8:
        warnings.append("EXTREME_MATCHUP")
    if adjustment is not None and abs(nine(adjustment)) > 12:
        warnings.append("EXTREME_ADJUSTMENT")
    return warnings


# --- 4.5 features -----------------------------------------------------------------------------------------


def rest_advantage(days_rest: int | None, opponent_days_rest: int | None) -> Fraction | None:
    """-2..2 days."""
    if days_rest is None or opponent_days_rest is None:
        return None
    return clamp(days_rest - opponent_days_rest, -2, 2)


def injury_risk(player_status: str | None) -> int | None:
    """0-3; NULL if the status is unknown."""
    risks = {"available": 0, "probable": 1, "questionable": 2, "doubtful": 3, "out": 3}
    return None if player_status is None else risks.get(player_status.lower())


def _step(x: Number, small: Number, large: Number) -> int:
    """-2..2: which of the two thresholds x reaches, on either side."""
    size = abs(nine(x))
    step = 2 if size >= nine(large) else 1 if size >= nine(small) else 0
    return step if x > 0 else -step


def recent_trend(points: Sequence[int | None]) -> int | None:
    """Points of the newest 5 games, newest first: the 2 newest against the 3 before; needs 5 games."""
    if len(points) < 5:
        return None
    now, before = mean(points[:2]), mean(points[2:5])
    return None if now is None or before is None else _step(now - before, 2, 5)


def minutes_change(last_10: Number | None, season: Number | None) -> int | None:
    """The newest 10 games' minutes against the season's."""
    if last_10 is None or season is None:
        return None
    change = ratio(Fraction(last_10) - Fraction(season), season)
    return None if change is None else _step(change, Fraction(1, 10), Fraction(2, 10))


def free_throw_share(games: Sequence[tuple[int | None, int | None]]) -> Fraction | None:
    """(ft_makes, points) per game: the share of points from the line, 0-.5; needs 5 games and points > 0."""
    if len(games) < 5:
        return None
    both = [(makes, points) for makes, points in games if makes is not None and points is not None]
    points = total(points for _, points in both)
    if points is None or points <= 0:
        return None
    return min(max(sum(makes for makes, _ in both) / points, Fraction(0)), Fraction(1, 2))


def win_share(win_flags: Iterable[bool | None]) -> Fraction | None:
    """Wins per game whose result is known; needs 5 of them."""
    results = [flag for flag in win_flags if flag is not None]
    return Fraction(sum(results), len(results)) if len(results) >= 5 else None


def quality_score(sources: Sequence[str]) -> Fraction:
    """`feature_quality_score`: the mean of what each feature's source is worth."""
    worth = {"phase4": 100, "phase3": 75, "calculated": 100, "default": 40}
    return Fraction(sum(worth[source] for source in sources), len(sources))


def quality_tier(score: Number) -> str:
    """`quality_tier` of a score."""
    floors = {"gold": 95, "silver": 85, "bronze": 70, "poor": 50}
    return next((tier for tier, floor in floors.items() if nine(score) >= floor), "critical")


def data_source(early_season: bool, from_phase4: int, can_be_phase4: int) -> str:
    """`data_source` by the share of phase4 among the features that can be phase4."""
    if early_season:
        return "early_season"
    share = nine(Fraction(from_phase4, can_be_phase4))
    if share >= nine(Fraction(9, 10)):
        return "phase4"
    return "phase4_partial" if share >= nine(Fraction(1, 2)) else "mixed"
