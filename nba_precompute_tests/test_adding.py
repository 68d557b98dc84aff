"""`docs/adding.md` is true: its edits, applied to a copy of the package, give the rows that it promises."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from nba_precompute_tests.support.league import REPOSITORY, days, real_season_directory, real_tables

PAGE = REPOSITORY / "docs" / "adding.md"
DATES = days(dt.date(2021, 10, 19), dt.date(2021, 10, 31))

COMPUTE = """
import json, sys
from pathlib import Path
import nba_precompute
from nba_precompute.definitions import defs
from nba_precompute.operations.data_dictionary import pages
from nba_precompute.tables import TABLES
from nba_precompute_tests.support.league import new_warehouse, published, real_tables, run
from nba_precompute_tests.test_adding import DATES
warehouse = new_warehouse(Path(sys.argv[1]), real_tables(2021))
run(warehouse, DATES)
def rows(name, *columns):
    return [[str(row[column]) if column.endswith("date") else row[column] for column in columns]
            for row in published(warehouse, TABLES[name]).values()]
print(json.dumps({
    "package": nba_precompute.__file__,
    "assets": [key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()],
    "documented": "team_offense_form" in pages()["data-dictionary.md"],
    "store": rows("ml_feature_store_v2", "game_date", "player_lookup", "opponent_team_abbr", "minutes_avg_last_10",
                  "opponent_back_to_back", "features", "feature_sources", "feature_version"),
    "cache": rows("player_daily_cache", "cache_date", "player_lookup", "minutes_avg_last_10"),
    "form": rows("team_offense_form", "analysis_date", "team_abbr", "points_per_game_last_10", "wins_last_10",
                 "games_in_sample", "is_production_ready"),
}))
"""


def replace_hunks(text: str, diff: str) -> str:
    """The text with every hunk applied; what a hunk replaces must be there exactly once."""
    for hunk in re.split(r"^@@.*@@\n", diff, flags=re.MULTILINE)[1:]:
        lines = hunk.splitlines()
        old = "\n".join(line[1:] for line in lines if not line.startswith("+"))
        new = "\n".join(line[1:] for line in lines if not line.startswith("-"))
        assert text.count(old) == 1, f"the page changes what is not there (once): {old}"
        text = text.replace(old, new)
    return text


def apply(page: str, root: Path) -> set[str]:
    """Does to the package what the page says; the files that it touched."""
    touched = set()
    for path, content in re.findall(r"^`(\S+)`:\n\n```\w+\n(.*?\n)```$", page, re.MULTILINE | re.DOTALL):
        assert not (root / path).exists()
        (root / path).write_text(content)
        touched.add(path)
    for path, diff in re.findall(r"^```diff\n--- a/\S+\n\+\+\+ b/(\S+)\n(.*?)```$", page, re.MULTILINE | re.DOTALL):
        file = root / path
        file.write_text(replace_hunks(file.read_text(), diff))
        touched.add(path)
    return touched


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What the changed package computes of two weeks of a real season, in a process of its own."""
    real_season_directory(2021)  # skips here, where there is none
    root = tmp_path_factory.mktemp("adding")
    shutil.copytree(
        REPOSITORY / "nba_precompute", root / "nba_precompute", ignore=shutil.ignore_patterns("__pycache__")
    )
    assert apply(PAGE.read_text(encoding="utf-8"), root) == {
        "nba_precompute/tables/features.py",
        "nba_precompute/sql/tables/ml_feature_store_v2.sql",
        "nba_precompute/tables/team_offense_form.py",
        "nba_precompute/sql/tables/team_offense_form.sql",
        "nba_precompute/tables/__init__.py",
    }
    done = subprocess.run(
        [sys.executable, "-c", COMPUTE, str(root / "nba.duckdb")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(root), str(REPOSITORY)))},
        cwd=root,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert Path(found["package"]).is_relative_to(root), "the copy was computed with, not the package itself"
    return found


@pytest.mark.slow
def test_the_new_features_are_at_the_end_of_a_new_version(computed: dict) -> None:
    minutes = {(date, player): value for date, player, value in computed["cache"]}
    game_dates = _game_dates()
    tiers = set()
    for date, player, opponent, average, back_to_back, values, sources, version in computed["store"]:
        assert (len(values), version) == (27, "v2_opponent_rest_27")
        assert average == minutes.get((date, player))
        yesterday = str(dt.date.fromisoformat(date) - dt.timedelta(days=1))
        has_played = min(game_dates[opponent]) < date
        assert back_to_back == (float(yesterday in game_dates[opponent]) if has_played else None)
        assert values[25:] == [20 if average is None else average, back_to_back or 0]
        tiers |= {tuple(sources[25:])}
    assert tiers == set(product(("phase4", "default"), ("calculated", "default")))


@pytest.mark.slow
def test_the_new_table_is_an_asset_with_rows_for_every_team_that_played(computed: dict) -> None:
    assert "team_offense_form" in computed["assets"]
    assert computed["documented"]
    games = [row for row in real_tables(2021)["team_offense_game_summary"].to_pylist() if row["game_date"] <= DATES[-1]]
    expected = {}
    for date in map(str, DATES):
        for team in {game["team_abbr"] for game in games}:
            earlier = [game for game in games if game["team_abbr"] == team and str(game["game_date"]) < date]
            if earlier:
                mean = sum(game["points_scored"] for game in earlier) / len(earlier)
                expected[date, team] = (
                    mean,
                    sum(game["win_flag"] for game in earlier),
                    len(earlier),
                    len(earlier) >= 5,
                )
    found = {(date, team): (mean, *rest) for date, team, mean, *rest in computed["form"]}
    assert set(found) == set(expected)
    for key, (mean, *rest) in expected.items():
        assert list(found[key][1:]) == rest
        assert found[key][0] == pytest.approx(mean, abs=5.1e-5)


def _game_dates() -> dict[str, set[str]]:
    """The dates of each team's games, from the schedule."""
    dates: dict[str, set[str]] = {}
    for game in real_tables(2021)["nbac_schedule"].to_pylist():
        for team in (game["home_team_tricode"], game["away_team_tricode"]):
            dates.setdefault(team, set()).add(str(game["game_date"]))
    return dates


def test_a_change_of_what_is_not_there_is_found() -> None:
    diff = "@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
    assert replace_hunks("a\nb\n", diff) == "a\nc\n"
    with pytest.raises(AssertionError, match="not there"):
        replace_hunks("a\nx\n", diff)
