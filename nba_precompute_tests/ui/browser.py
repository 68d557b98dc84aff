"""Pages of Dagster's UI in Chromium: locators, dialogs, colors."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect, sync_playwright

from nba_precompute_tests.support.league import REPOSITORY

PATIENCE_MILLISECONDS = 60_000
"""Time for a page to show what already exists; other tests may keep the processors busy."""

SCREENSHOTS = Path(os.environ.get("NBA_UI_SCREENSHOTS", REPOSITORY / ".artifacts" / "ui"))

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)


def chromium() -> str:
    """Return the path of Chromium; without one, skip the test, or fail it in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        message = "no Chromium to look at the UI with; apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@contextmanager
def running_browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def new_page(browser: Browser, address: str) -> Iterator[Page]:
    """A page that fails the test if the UI throws an error."""
    page = browser.new_page(base_url=address, viewport={"width": 1600, "height": 1000})
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield page
    finally:
        page.close()
    assert not errors


def screenshot(page: Page, name: str) -> None:
    """Save a screenshot of the page."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def whole_graph(page: Page, groups: Iterable[str], assets: int) -> None:
    """Open the asset graph with its groups unfolded, on a page large enough for all assets."""
    page.set_viewport_size({"width": 3600, "height": 6400})
    page.goto("/asset-groups?expanded=" + ",".join(f"global@global:{group}" for group in groups))
    expect(page.get_by_text(re.compile(r"^[\d,]+ partitions$"))).to_have_count(assets)


def launch_dialog(page: Page, opener: Locator, partitions: str) -> Locator:
    """Open the dialog of a "Materialize" button, with all partitions instead of the last 90 days, and select some."""
    dialog = page.get_by_role("dialog")
    selection = dialog.get_by_placeholder(re.compile("^ex: "))
    for _ in range(3):
        opener.click()
        dialog.get_by_role("button", name="Show all partitions").click()
        try:
            selection.wait_for(timeout=PATIENCE_MILLISECONDS / 3)
            break
        except TimeoutError:
            page.reload()  # on a busy machine the dialog may have come before what it is about
    selection.fill(partitions)
    selection.press("Enter")
    return dialog


def switch(page: Page, sensor: str, *, on: bool) -> None:
    """Turn a sensor on or off on its page; it must be in the other state before."""
    page.goto(f"/locations/nba_precompute/sensors/{sensor}")
    toggle = page.locator("input[type=checkbox]").first
    expect(toggle).to_be_checked(checked=not on)
    toggle.locator("..").click()
    expect(toggle).to_be_checked(checked=on)


def partition(page: Page, date: dt.date) -> Locator:
    """The name of a partition in a list of partitions."""
    return page.locator(f'[data-tooltip="{date}"]')


def expect_colors(page: Page, dates: Mapping[dt.date, str]) -> None:
    """Wait until the dots beside these partitions have the given colors: green, red or gray."""
    found: dict[dt.date, str] = {}
    deadline = time.monotonic() + PATIENCE_MILLISECONDS / 1000
    while found != dates and time.monotonic() < deadline:
        page.wait_for_timeout(200)
        found = {date: _color(page, date) for date in dates}
    assert found == dates


def _color(page: Page, date: dt.date) -> str:
    dot = partition(page, date).locator("..").locator('div[style*="border-radius"]')
    painted = dot.evaluate("dot => getComputedStyle(dot).backgroundColor")
    red, green, blue = (int(part) for part in re.findall(r"\d+", painted)[:3])
    if green > 1.5 * red and green > 1.2 * blue:
        return "green"
    return "red" if red > 1.5 * max(green, blue) else "gray"


def line_pixels(plot: Locator) -> int:
    """Count the pixels of a plot that are neither white nor gray: its line."""
    return plot.evaluate(
        """canvas => {
          const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          let count = 0;
          for (let i = 0; i < pixels.length; i += 4) {
            const [red, green, blue, alpha] = pixels.slice(i, i + 4);
            count += alpha > 128 && Math.max(red, green, blue) - Math.min(red, green, blue) > 80;
          }
          return count;
        }"""
    )
