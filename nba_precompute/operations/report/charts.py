"""The charts of the season's report, as plotly figures: how something is drawn.

What is drawn is `report.py`'s. Colours of text, axes and background are left to the page, which knows whether it is
light or dark; those of the data are told apart by everybody (Okabe and Ito's palette, its blue a little
lighter for the dark).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from nba_precompute.operations.plan.records import Entry, State
from nba_precompute.publishing.records import PHASES
from nba_precompute.tables.features import FEATURES, QUALITY_TIERS
from nba_precompute.warehouse.protocol import Row

_BLUE, _ORANGE, _GREEN, _SKY, _VERMILION, _PURPLE = "#1F83C9", "#E69F00", "#009E73", "#56B4E9", "#D55E00", "#CC79A7"
_STATES = {
    State.FRESH: _GREEN,
    State.STALE: _ORANGE,
    State.MISSING: _VERMILION,
    State.BLOCKED: _PURPLE,
    State.NO_GAMES: "#8c8c8c40",
}
_PHASE_COLOURS = dict(zip(PHASES, (_SKY, "#999999", _BLUE, _ORANGE, _GREEN, _PURPLE), strict=True))
_TIER_COLOURS = dict(
    zip((tier for tier, _ in QUALITY_TIERS), (_GREEN, _SKY, _ORANGE, _VERMILION, "#7a1f5c"), strict=True)
)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_READY_SCALE = [[0.0, _VERMILION], [0.5, "#F0E442"], [1.0, _BLUE]]


def _monday(date: dt.date) -> dt.date:
    return date - dt.timedelta(days=date.weekday())


def _calendar(entries: Mapping[str, Mapping[dt.date, Entry]], **heatmap: Any) -> go.Figure:
    """A calendar per table, weeks from left to right, weekdays from top to bottom."""
    figure = make_subplots(
        rows=len(entries), cols=1, shared_xaxes=True, vertical_spacing=0.05, subplot_titles=list(entries)
    )
    value, text = heatmap.pop("value"), heatmap.pop("text")
    for row, by_date in enumerate(entries.values(), start=1):
        last = max((date for date, one in by_date.items() if one.state is not State.NO_GAMES), default=max(by_date))
        weeks = sorted({_monday(date) for date in by_date if date <= last})
        cells = {(_monday(date), date.weekday()): one for date, one in by_date.items()}

        def grid(of: Any, weeks: list[dt.date] = weeks, cells: dict[Any, Entry] = cells) -> list[list[Any]]:
            return [
                [of(cells[week, day]) if (week, day) in cells else None for week in weeks]
                for day in range(len(_WEEKDAYS))
            ]

        figure.add_trace(
            go.Heatmap(
                x=weeks,
                y=_WEEKDAYS,
                z=grid(value),
                text=grid(text),
                hovertemplate="%{text}<extra></extra>",
                xgap=1.5,
                ygap=1.5,
                showscale=row == 1,
                **heatmap,
            ),
            row=row,
            col=1,
        )
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(showgrid=False, autorange="reversed", tickvals=["Mon", "Wed", "Fri", "Sun"])
    return figure.update_layout(height=150 * len(entries) + 80, margin={"t": 40, "b": 40, "l": 50, "r": 20})


def coverage_calendar(entries: Mapping[str, Mapping[dt.date, Entry]]) -> go.Figure:
    """What there is to do, date by date."""
    states = list(_STATES)
    steps = len(states)
    scale = [
        pair
        for place, state in enumerate(states)
        for pair in ([place / steps, _STATES[state]], [(place + 1) / steps, _STATES[state]])
    ]
    return _calendar(
        entries,
        value=lambda one: states.index(one.state),
        text=lambda one: (
            f"{one.date}: {one.state}<br>{one.games} games, {one.rows} rows, {one.failures} failures"
            + (f"<br>{one.reason}" if one.reason else "")
        ),
        colorscale=scale,
        zmin=-0.5,
        zmax=steps - 0.5,
        colorbar={"tickvals": list(range(steps)), "ticktext": [state.value for state in states], "len": 0.5},
    )


def ready_calendar(entries: Mapping[str, Mapping[dt.date, Entry]]) -> go.Figure:
    """The share of each date's population that is ready."""

    def share(one: Entry) -> float | None:
        answers = one.rows + one.failures
        return one.ready_rows / answers if answers else None

    return _calendar(
        entries,
        value=share,
        text=lambda one: f"{one.date}: {one.ready_rows} of {one.rows + one.failures} ready",
        colorscale=_READY_SCALE,
        zmin=0,
        zmax=1,
        colorbar={"tickformat": ".0%", "len": 0.5},
    )


def feature_bands(weeks: Sequence[Row]) -> go.Figure:
    """The median of each feature by week, with the band in which eight of ten values lie."""
    by_feature = _by_feature(weeks)
    columns = 5
    rows = -(-len(FEATURES) // columns)
    figure = make_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=[feature.name for feature in FEATURES],
        vertical_spacing=0.06,
        horizontal_spacing=0.04,
    )
    for place, feature in enumerate(FEATURES):
        lines = [line for line in by_feature.get(feature.name, []) if line["known"]]
        x = [line["week"] for line in lines]
        where = {"row": place // columns + 1, "col": place % columns + 1}
        high = go.Scatter(
            x=x, y=[line["high"] for line in lines], mode="lines", line={"width": 0}, showlegend=False, name="90 %"
        )
        low = go.Scatter(
            x=x,
            y=[line["low"] for line in lines],
            mode="lines",
            line={"width": 0},
            fill="tonexty",
            fillcolor="rgba(86,180,233,0.35)",
            showlegend=False,
            name="10 %",
        )
        median = go.Scatter(
            x=x,
            y=[line["median"] for line in lines],
            mode="lines",
            line={"color": _BLUE, "width": 2},
            showlegend=False,
            name="median",
        )
        for trace in (high, low, median):
            figure.add_trace(trace, **where)
    figure.update_annotations(font_size=12)
    figure.update_xaxes(nticks=3, tickformat="%b")
    return figure.update_layout(height=170 * rows + 60, margin={"t": 40, "b": 30, "l": 40, "r": 10})


def default_shares(weeks: Sequence[Row]) -> go.Figure:
    """How many rows have no value of a feature, over the season."""
    shares = {}
    for name, lines in _by_feature(weeks).items():
        published = sum(line["published_rows"] for line in lines)
        shares[name] = 1 - sum(line["known"] for line in lines) / published
    names = sorted(shares, key=lambda name: shares[name])
    figure = go.Figure(
        go.Bar(
            x=[shares[name] for name in names],
            y=names,
            orientation="h",
            marker_color=_BLUE,
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        )
    )
    figure.update_xaxes(tickformat=".0%")
    return figure.update_layout(height=22 * len(names) + 80, margin={"t": 10, "b": 40, "l": 180, "r": 20})


def tiers_by_week(weeks: Sequence[Row]) -> go.Figure:
    """Rows of the feature store by week and quality tier."""
    figure = go.Figure()
    for tier, colour in _TIER_COLOURS.items():
        lines = [line for line in weeks if line["tier"] == tier]
        figure.add_trace(
            go.Bar(
                x=[line["week"] for line in lines],
                y=[line["published_rows"] for line in lines],
                name=tier,
                marker_color=colour,
            )
        )
    return figure.update_layout(barmode="stack", height=340, margin={"t": 10, "b": 40, "l": 60, "r": 20})


def run_times(seconds: Mapping[str, Mapping[str, float]]) -> go.Figure:
    """The warehouse's seconds per table and phase."""
    names = list(seconds)
    figure = go.Figure(
        [
            go.Bar(
                x=[seconds[name].get(phase, 0.0) for name in names],
                y=names,
                orientation="h",
                name=phase.replace("_", " "),
                marker_color=_PHASE_COLOURS[phase],
                hovertemplate="%{y}: %{x:.1f} s<extra>%{fullData.name}</extra>",
            )
            for phase in PHASES
        ]
    )
    figure.update_yaxes(autorange="reversed")
    return figure.update_layout(barmode="stack", height=300, margin={"t": 10, "b": 40, "l": 200, "r": 20})


def failures_by_reason(lines: Sequence[Row]) -> go.Figure:
    """Members of the population without a row, by table and reason."""
    reasons = sorted({line["reason"] for line in lines})
    colours = dict(zip(reasons, (_VERMILION, _PURPLE, _ORANGE, _SKY), strict=False))
    figure = go.Figure(
        [
            go.Bar(
                x=[line["failures"] for line in lines if line["reason"] == reason],
                y=[line["table_name"] for line in lines if line["reason"] == reason],
                orientation="h",
                name=reason,
                marker_color=colours[reason],
            )
            for reason in reasons
        ]
    )
    return figure.update_layout(
        barmode="stack", showlegend=True, height=260, margin={"t": 10, "b": 40, "l": 200, "r": 20}
    )


def _by_feature(weeks: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for line in weeks:
        found[line["feature"]].append(line)
    return found
