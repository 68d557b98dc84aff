"""The report is one self-contained page, shows the state of the tables, and can be read in light and dark."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from nba_precompute.operations.report.asset import phase4_report
from nba_precompute.operations.report.page import Report, ReportError, build_report
from nba_precompute.orchestration.dagster_private.records import latest_materializations
from nba_precompute.orchestration.names import WAREHOUSE
from nba_precompute.quality.names import PLAUSIBLE
from nba_precompute.sql import RunDates, render
from nba_precompute.tables import TABLES
from nba_precompute.tables.features import FEATURES
from nba_precompute.tables.ml_feature_store_v2 import ML_FEATURE_STORE_V2
from nba_precompute_tests.cli.test_cli import call
from nba_precompute_tests.operations.test_status import record_failed_check
from nba_precompute_tests.support.first_weeks import FirstWeeks
from nba_precompute_tests.support.league import execute, published
from nba_precompute_tests.support.on_record import put_on_record
from nba_precompute_tests.support.platform import FixedWarehouse
from nba_precompute_tests.ui.browser import SCREENSHOTS, running_browser

CHARTS = ("states", "ready", "features", "defaults", "tiers", "seconds", "failures")


@pytest.fixture(scope="module")
def instance(first_weeks: FirstWeeks) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        put_on_record(instance, first_weeks.warehouse, first_weeks.dates)
        yield instance


@pytest.fixture(scope="module")
def report(instance: dg.DagsterInstance, first_weeks: FirstWeeks) -> Report:
    return build_report(instance, first_weeks.warehouse, 2021)


def test_the_page_is_whole_and_says_what_to_do(report: Report, first_weeks: FirstWeeks) -> None:
    assert report.html.count("<!doctype html>") == 1
    for chart in CHARTS:
        assert f'id="{chart}"' in report.html
    fresh = {summary.table: summary.fresh for summary in report.summaries}
    assert fresh["ml_feature_store_v2"] == len(first_weeks.dates)
    first = report.problems[0]
    assert first.date == dt.date(2021, 11, 6)
    assert first.tables == tuple(TABLES)
    assert first.text == "missing"
    assert "nba-precompute backfill --from 2021-11-06 --to 2021-11-06" in report.html


def test_warnings_are_listed_apart_and_do_not_change_the_exit_code(
    first_weeks: FirstWeeks,
    clock: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    date = first_weeks.dates[-1]
    clock(date)
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    for name, value in {"DAGSTER_HOME": str(tmp_path), "NBA_DUCKDB_PATH": str(first_weeks.warehouse.path)}.items():
        monkeypatch.setenv(name, value)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        put_on_record(instance, first_weeks.warehouse, first_weeks.dates)
        record_failed_check(instance, "player_daily_cache", PLAUSIBLE, date)
        report = build_report(instance, first_weeks.warehouse, 2021)
    assert report.problems == []
    (warning,) = report.warnings
    assert (warning.date, warning.tables, warning.text) == (date, ("player_daily_cache",), "plausible fails")
    assert 'id="problems"' not in report.html
    listed = report.html.partition('id="warnings"')[2].partition("</table>")[0]
    assert "plausible fails" in listed
    assert f"nba-precompute validate --from {date} --to {date}" in listed
    assert call(monkeypatch, "report", "--season", "2021", "--out", str(tmp_path / "page.html"), "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["problems"], document["warnings"][0]["warning"]) == ([], "plausible fails")


def test_what_is_unknown_in_every_row_is_named(
    instance: dg.DagsterInstance, report: Report, first_weeks: FirstWeeks, tmp_path: Path
) -> None:
    own = first_weeks.copy(tmp_path)
    execute(own, "UPDATE nba_analytics.upcoming_player_game_context SET player_status = NULL")
    words = "upcoming_player_game_context.player_status is unknown in every row of the season; it enters injury_risk."
    assert words in build_report(instance, own, 2021).html
    assert words not in report.html


def test_waived_gaps_are_listed(
    instance: dg.DagsterInstance, report: Report, first_weeks: FirstWeeks, tmp_path: Path
) -> None:
    own = first_weeks.copy(tmp_path)
    execute(
        own,
        "INSERT INTO nba_precompute.waivers VALUES ('2021-10-28', 'BOS', 'lost <b>', 'pat', '2022-01-01 12:34+00')",
    )
    found = build_report(instance, own, 2021)
    assert [(waiver.team, waiver.reason) for waiver in found.waivers] == [("BOS", "lost <b>")]
    listed = found.html.partition('id="waivers"')[2].partition("</table>")[0]
    for text in ("2021-10-28", "BOS", "lost &lt;b&gt;", "pat", "2022-01-01 12:34"):
        assert f">{text}<" in listed
    assert report.waivers == []
    assert 'id="waivers"' not in report.html


def test_the_weekly_figures_are_those_of_the_rows(first_weeks: FirstWeeks) -> None:
    monday = dt.date(2021, 10, 25)
    dates = [monday + dt.timedelta(days=n) for n in range(7)]
    with first_weeks.warehouse.reading("test") as session:
        lines = session.query(
            render("read/feature_weeks", ML_FEATURE_STORE_V2, RunDates.of(first_weeks.dates), session.relation)
        )
        tiers = session.query(
            render("read/tier_weeks", ML_FEATURE_STORE_V2, RunDates.of(first_weeks.dates), session.relation)
        )
    rows = [row for date in dates for row in published(first_weeks.warehouse, ML_FEATURE_STORE_V2, date).values()]
    for feature in FEATURES:
        line = next(row for row in lines if (row["feature"], row["week"]) == (feature.name, monday))
        values = sorted(row[feature.name] for row in rows if row[feature.name] is not None)
        assert (line["published_rows"], line["known"]) == (len(rows), len(values))
        if values:
            assert line["median"] == values[-(-len(values) // 2) - 1], feature.name
            assert line["low"] <= line["median"] <= line["high"]
    found = {row["tier"]: row["published_rows"] for row in tiers if row["week"] == monday}
    assert sum(found.values()) == len(rows)
    assert found["gold"] == sum(row["quality_tier"] == "gold" for row in rows)


def test_a_season_without_games_is_refused(instance: dg.DagsterInstance, first_weeks: FirstWeeks) -> None:
    with pytest.raises(ReportError, match="no game of 2024-25"):
        build_report(instance, first_weeks.warehouse, 2024)


def test_the_command_says_how_many_problems_there_are(
    first_weeks: FirstWeeks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(first_weeks.warehouse.path))
    page = tmp_path / "page.html"
    assert call(monkeypatch, "report", "--season", "2021", "--out", str(page)) == 3
    assert page.stat().st_size > 1_000_000
    assert call(monkeypatch, "report", "--season", "2024", "--out", str(page)) == 1
    assert "load Phase 3 first" in capsys.readouterr().err


def test_the_asset_writes_the_page_and_records_what_it_says(
    instance: dg.DagsterInstance, first_weeks: FirstWeeks, tmp_path: Path
) -> None:
    done = dg.materialize(
        [phase4_report],
        instance=instance,
        resources={WAREHOUSE: FixedWarehouse(first_weeks.warehouse)},
        run_config={"ops": {"phase4_report": {"config": {"season": 2021, "folder": str(tmp_path)}}}},
    )
    assert done.success
    metadata = done.asset_materializations_for_node("phase4_report")[0].metadata
    page = tmp_path / "phase4-2021-22.html"
    assert metadata["page"].value == str(page)
    assert page.is_file()
    assert "| ml_feature_store_v2 | 18 of " in str(metadata["summary"].value)
    assert not latest_materializations(instance, dg.AssetKey("phase4_report"), ["2021-10-19"])


@pytest.mark.ui
@pytest.mark.slow
def test_it_is_drawn_in_a_browser_in_light_and_dark(report: Report, tmp_path: Path) -> None:
    page_file = tmp_path / "report.html"
    page_file.write_text(report.html, encoding="utf-8")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with running_browser() as browser:
        for scheme, background in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(13, 17, 23)")):
            context = browser.new_context(color_scheme=scheme, viewport={"width": 1240, "height": 900})
            page = context.new_page()
            errors: list[str] = []
            requests: list[str] = []
            page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
            page.on("request", lambda request, requests=requests: requests.append(request.url))
            page.goto(page_file.as_uri())
            for chart in CHARTS:
                page.wait_for_selector(f"#{chart} svg.main-svg", state="attached")
            assert errors == []
            assert requests == [page_file.as_uri()], "it loads nothing"
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == background
            title = page.locator("#features .annotation-text").first
            color = title.evaluate("node => getComputedStyle(node).fill")
            assert (sum(int(part) for part in color[4:-1].split(", ")) > 400) == (scheme == "dark"), color
            page.screenshot(path=SCREENSHOTS / f"report-{scheme}.png", full_page=True)
            context.close()
