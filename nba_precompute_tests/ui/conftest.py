"""Fixtures of the UI tests: one instance with web server, daemon and browser; later tests see what earlier ones did.

The daemon looks for backfills and for partitions to request every 30 seconds, so the fixtures start things as early as
they can, and the tests look at pages meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from nba_precompute.calendar import today
from nba_precompute.quality.names import COMPLETE
from nba_precompute.tables import TABLES
from nba_precompute_tests.support.platform import Platform
from nba_precompute_tests.support.running import Shell
from nba_precompute_tests.ui.browser import chromium, launch_dialog, new_page, running_browser, screenshot, switch
from nba_precompute_tests.ui.scene import Scene, set_up
from nba_precompute_tests.ui.server import WebServer, running, wait_for, web_server


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene.ending(today())


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    chromium()
    return Shell.at(tmp_path_factory.mktemp("ui"))


@pytest.fixture(scope="module")
def platform(shell: Shell, scene: Scene) -> Iterator[Platform]:
    platform = set_up(shell, scene)
    yield platform
    platform.instance.dispose()


@pytest.fixture(scope="module")
def web(shell: Shell, platform: Platform) -> Iterator[WebServer]:
    with web_server(shell) as server:
        server.stop_schedules()
        yield server


@pytest.fixture(scope="module")
def browser(web: WebServer) -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, web: WebServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page for one test; its last state is saved as a screenshot."""
    with new_page(browser, web.address) as page:
        yield page
        screenshot(page, re.sub(r"\W+", "_", request.node.name.removeprefix("test_")).strip("_"))


@pytest.fixture(scope="module")
def launched(browser: Browser, web: WebServer, scene: Scene) -> str:
    """The backfill of all five tables and all loaded dates, launched in the dialog; automation is off."""
    with new_page(browser, web.address) as page:
        switch(page, "phase3_observation", on=False)
        switch(page, "phase4_automation", on=False)
        page.goto("/locations/nba_precompute/asset-groups/phase4")
        dates = f"[{scene.loaded[0]}...{scene.loaded[-1]}]"
        dialog = launch_dialog(page, page.get_by_role("button", name="Materialize all"), dates)
        expect(dialog.get_by_text(f"{len(scene.loaded)} partitions")).to_be_visible()
        screenshot(page, "the_dialog_before_the_launch")
        with page.expect_response(lambda response: "LaunchPartitionBackfill" in response.url) as answer:
            dialog.get_by_role("button", name="Launch backfill").click()
        return answer.value.json()["data"]["launchPartitionBackfill"]["backfillId"]


@pytest.fixture(scope="module")
def daemon(shell: Shell, launched: str) -> Iterator[None]:
    """Starts after the backfill is launched: its first tick is immediate, the next 30 seconds later."""
    with running(shell, "dagster-daemon", "run", "-w", "workspace.yaml"):
        yield


@pytest.fixture(scope="module")
def switched_on(daemon: None, browser: Browser, web: WebServer, scene: Scene, platform: Platform) -> None:
    """The slate of the coming date is listed, and observation and automation are on again.

    Automation leaves the partitions of the backfill alone; it takes four ticks until the coming date is ready.
    """
    platform.load(scene.phase3(scene.coming))
    with new_page(browser, web.address) as page:
        switch(page, "phase3_observation", on=True)
        switch(page, "phase4_automation", on=True)


@pytest.fixture(scope="module")
def published(switched_on: None, web: WebServer, scene: Scene) -> None:
    """All loaded dates of all tables have been materialized and checked."""
    wait_for(
        "the backfill's run",
        lambda: all(web.check_partitions(table, COMPLETE).keys() >= set(scene.loaded) for table in TABLES),
    )
