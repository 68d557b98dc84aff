"""Dagster's UI as a user sees it, in a real browser: the tests follow one morning, in this order."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from nba_precompute.orchestration.names import LEAGUE_FILES_GROUP, PHASE3_GROUP, PHASE4_GROUP, READY
from nba_precompute.quality.names import COMPLETE, PLAUSIBLE, VALID
from nba_precompute.tables import SOURCES, TABLES
from nba_precompute.tables.league import LEAGUE_TABLES
from nba_precompute.tables.sources import CONTEXT
from nba_precompute_tests.ui.browser import expect_colors, launch_dialog, line_pixels, partition, whole_graph
from nba_precompute_tests.ui.scene import Scene
from nba_precompute_tests.ui.server import WebServer, wait_for

pytestmark = [pytest.mark.ui, pytest.mark.slow]

GROUPS = (LEAGUE_FILES_GROUP, PHASE3_GROUP, PHASE4_GROUP, "ready")
ASSETS = (*LEAGUE_TABLES, *SOURCES, *TABLES, READY)
PARTITIONED = len(ASSETS) - 1
"""All but the rosters."""
STORE = "ml_feature_store_v2"


def test_the_graph_leads_from_the_files_of_the_league_to_the_marker(page: Page) -> None:
    whole_graph(page, GROUPS, PARTITIONED)
    for name in ASSETS:
        expect(page.get_by_text(name, exact=True)).to_be_visible()
    for group in GROUPS:
        expect(page.get_by_text(group, exact=True).last).to_be_visible()


def test_a_range_is_materialized_in_the_dialog_and_finishes(
    page: Page, web: WebServer, scene: Scene, launched: str, published: None
) -> None:
    wait_for("the backfill", lambda: web.backfill_status(launched) == "COMPLETED_SUCCESS")
    for table in TABLES:
        assert web.partitions(table).keys() >= set(scene.loaded)
    page.goto("/runs?view=backfills")
    line = page.locator("div").filter(has=page.get_by_role("link", name=launched)).filter(has_text="Manually launched")
    expect(line.last).to_contain_text("Success")


def test_partitions_are_green_where_published_and_gray_elsewhere(
    page: Page, web: WebServer, scene: Scene, published: None
) -> None:
    found = web.partitions(STORE)
    assert {found.get(date) for date in scene.loaded} == {"MATERIALIZED"}
    assert not found.keys() & set(scene.awaited)
    page.goto(f"/assets/{STORE}?view=partitions")
    expect_colors(page, dict.fromkeys(scene.loaded, "green") | dict.fromkeys(scene.awaited, "gray"))


@pytest.mark.parametrize(
    ("asset", "broken_rule"),
    [
        (CONTEXT, r"teams are covered, without [A-Z]{3} \(no player listed\)$"),
        (STORE, r"no player in the context: .*[A-Z]{3}"),
    ],
    ids=["source", "table"],
)
def test_check_partitions_are_red_on_the_gap_and_green_elsewhere(
    page: Page, web: WebServer, scene: Scene, published: None, asset: str, broken_rule: str
) -> None:
    found = web.check_partitions(asset, COMPLETE)
    assert {date: found.get(date) for date in scene.loaded} == {
        date: "FAILED" if date == scene.gap else "SUCCEEDED" for date in scene.loaded
    }
    page.goto(f"/assets/{asset}?view=checks&checkDetail={COMPLETE}")
    page.get_by_role("tab", name="Partitions").nth(1).click()
    partition(page, scene.gap).click()
    expect(page.get_by_text(re.compile(broken_rule))).to_be_visible()
    expect_colors(page, {date: "red" if date == scene.gap else "green" for date in scene.loaded})


def test_the_other_checks_are_green_on_every_date(web: WebServer, scene: Scene, published: None) -> None:
    for table in TABLES:
        for check in (VALID, PLAUSIBLE):
            found = web.check_partitions(table, check)
            assert {date: found.get(date) for date in scene.loaded} == dict.fromkeys(scene.loaded, "SUCCEEDED"), table


def test_the_dialog_warns_of_missing_upstream(page: Page, scene: Scene, published: None) -> None:
    """Dagster looks at what it can materialize itself: at the other tables, not at Phase 3, which is external."""
    page.goto(f"/assets/{STORE}")
    first, last = scene.awaited[0], scene.awaited[-1]
    dialog = launch_dialog(
        page,
        page.get_by_role("button", name="Materialize"),
        f"[{scene.loaded[-2]}...{scene.loaded[-1]}], [{first}...{last}]",
    )
    warning = dialog.get_by_text(
        re.compile("cannot be materialized because upstream materializations are not available")
    )
    expect(warning).to_contain_text(f"[{first}...{last}]")
    expect(warning).not_to_contain_text(str(scene.loaded[-1]))


def test_plots_show_rows_and_seconds_over_the_partitions(page: Page, published: None) -> None:
    page.goto(f"/assets/{STORE}?view=overview")
    page.get_by_role("button", name="Plots").click()
    for name in ("run_seconds_merge", "rows"):
        plot = page.get_by_text(name, exact=True).locator("xpath=ancestor::div[.//canvas][1]//canvas")
        plot.scroll_into_view_if_needed()
        wait_for(f"the line in the plot of {name}", lambda plot=plot: line_pixels(plot) > 100, 30)


def test_the_marker_refuses_the_gap_and_is_red_there(page: Page, web: WebServer, scene: Scene, published: None) -> None:
    page.goto(f"/assets/{READY}?view=partitions")
    dialog = launch_dialog(page, page.get_by_role("button", name="Materialize"), str(scene.gap))
    dialog.get_by_role("button", name="Launch 1 run").click()
    wait_for("the marker's run", lambda: web.partitions(READY).get(scene.gap) == "FAILED")
    page.goto(f"/assets/{READY}?view=partitions")
    expect_colors(page, {scene.gap: "red"})


def test_switching_sensors_on_fills_a_new_date_by_itself(
    page: Page, web: WebServer, scene: Scene, switched_on: None
) -> None:
    wait_for("the marker of the new date", lambda: web.partitions(READY).get(scene.coming) == "MATERIALIZED")
    for table in TABLES:
        for check in (COMPLETE, VALID, PLAUSIBLE):
            assert web.check_partitions(table, check)[scene.coming] == "SUCCEEDED"
    for name in (*TABLES, READY):
        assert not web.partitions(name).keys() & set(scene.awaited), "nothing is asked for before its Phase 3 is in"
    page.goto(f"/assets/{READY}?view=partitions")
    expect_colors(page, {scene.coming: "green"} | dict.fromkeys(scene.awaited, "gray"))
    whole_graph(page, GROUPS, PARTITIONED)
