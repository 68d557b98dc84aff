"""Charts of the season report, as plotly figures.

Colors of text, axes and background are left to the page, which follows the light or dark scheme. Data colors are the
Okabe-Ito palette, which color-blind readers can tell apart (with a lighter blue, for the dark scheme).

Here: drawing. Not here: the data (`page.py`), the layout of the page (`templates/report.html`).
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
_PHASE_COLORS = dict(zip(PHASES, (_SKY, "#999999", _BLUE, _ORANGE, _GREEN, _PURPLE), strict=True))
_TIER_COLORS = dict(
    zip((tier for tier, _ in QUALITY_TIERS), (_GREEN, _SKY, _ORANGE, _VERMILION, "#7a1f5c"), strict=True)
)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_READY_SCALE = [[0.0, _VERMILION], [0.5, "#F0E442"], [1.0, _BLUE]]


def _monday(date: dt.date) -> dt.date:
    return date - dt.timedelta(days=date.weekday())


def _calendar(entries: Mapping[str, Mapping[dt.date, Entry]], **heatmap: Any) -> go.Figure:
    """Draw a calendar per table, weeks from left to right, weekdays from top to bottom."""
    figure = make_subplots(
        rows=len(entries), cols=1, shared_xaxes=True, vertical_spacing=0.05, subplot_titles=list(entries)
    )
    value, text = heatmap.pop("value"), heatmap.pop("text")
    for row, by_date in enumerate(entries.values(), start=1):
        last = max((date for date, entry in by_date.items() if entry.state is not State.NO_GAMES), default=max(by_date))
        weeks = sorted({_monday(date) for date in by_date if date <= last})
        cells = {(_monday(date), date.weekday()): entry for date, entry in by_date.items()}

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


def state_calendar(entries: Mapping[str, Mapping[dt.date, Entry]]) -> go.Figure:
    """Draw the state of each table on each date."""
    states = list(_STATES)
    steps = len(states)
    scale = [
        pair
        for place, state in enumerate(states)
        for pair in ([place / steps, _STATES[state]], [(place + 1) / steps, _STATES[state]])
    ]
    return _calendar(
        entries,
        value=lambda entry: states.index(entry.state),
        text=lambda entry: (
            f"{entry.date}: {entry.state}<br>{entry.games} games, {entry.rows} rows, {entry.failures} failures"
            + (f"<br>{entry.reason}" if entry.reason else "")
        ),
        colorscale=scale,
        zmin=-0.5,
        zmax=steps - 0.5,
        colorbar={"tickvals": list(range(steps)), "ticktext": [state.value for state in states], "len": 0.5},
    )


def ready_calendar(entries: Mapping[str, Mapping[dt.date, Entry]]) -> go.Figure:
    """Draw the share of the population that is ready, by date."""

    def share(entry: Entry) -> float | None:
        members = entry.rows + entry.failures
        return entry.ready_rows / members if members else None

    return _calendar(
        entries,
        value=share,
        text=lambda entry: f"{entry.date}: {entry.ready_rows} of {entry.rows + entry.failures} ready",
        colorscale=_READY_SCALE,
        zmin=0,
        zmax=1,
        colorbar={"tickformat": ".0%", "len": 0.5},
    )


def feature_bands(weeks: Sequence[Row]) -> go.Figure:
    """Draw the weekly median of each feature, and the band from the 10% to the 90% quantile."""
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
            x=x, y=[line["high"] for line in lines], mode="lines", line={"width": 0}, showlegend=False, name="90%"
        )
        low = go.Scatter(
            x=x,
            y=[line["low"] for line in lines],
            mode="lines",
            line={"width": 0},
            fill="tonexty",
            fillcolor="rgba(86,180,233,0.35)",
            showlegend=False,
            name="10%",
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
    """Draw the share of rows with the default, by feature."""
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
    """Draw the rows of the feature store by week and quality tier."""
    figure = go.Figure()
    for tier, color in _TIER_COLORS.items():
        lines = [line for line in weeks if line["tier"] == tier]
        figure.add_trace(
            go.Bar(
                x=[line["week"] for line in lines],
                y=[line["published_rows"] for line in lines],
                name=tier,
                marker_color=color,
            )
        )
    return figure.update_layout(barmode="stack", height=340, margin={"t": 10, "b": 40, "l": 60, "r": 20})


def run_seconds(seconds: Mapping[str, Mapping[str, float]]) -> go.Figure:
    """Draw the warehouse seconds by table and phase."""
    names = list(seconds)
    figure = go.Figure(
        [
            go.Bar(
                x=[seconds[name].get(phase, 0.0) for name in names],
                y=names,
                orientation="h",
                name=phase.replace("_", " "),
                marker_color=_PHASE_COLORS[phase],
                hovertemplate="%{y}: %{x:.1f} s<extra>%{fullData.name}</extra>",
            )
            for phase in PHASES
        ]
    )
    figure.update_yaxes(autorange="reversed")
    return figure.update_layout(barmode="stack", height=300, margin={"t": 10, "b": 40, "l": 200, "r": 20})


def failures_by_reason(lines: Sequence[Row]) -> go.Figure:
    """Draw the recorded failures by table and reason."""
    reasons = sorted({line["reason"] for line in lines})
    colors = dict(zip(reasons, (_VERMILION, _PURPLE, _ORANGE, _SKY), strict=False))
    figure = go.Figure(
        [
            go.Bar(
                x=[line["failures"] for line in lines if line["reason"] == reason],
                y=[line["table_name"] for line in lines if line["reason"] == reason],
                orientation="h",
                name=reason,
                marker_color=colors[reason],
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
