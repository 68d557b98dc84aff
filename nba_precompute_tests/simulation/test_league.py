"""Teams and players differ, and names are valid lookups."""

from __future__ import annotations

import numpy as np
import pytest

from nba_precompute.simulation.league import FREE_AGENTS, ROSTER_SIZE, draw_players
from nba_precompute.simulation.names import draw_lookups
from nba_precompute_tests.simulation.conftest import Season


@pytest.mark.parametrize("seed", range(20))
def test_lookups_are_distinct_plain_and_sometimes_suffixed(seed: int) -> None:
    lookups = draw_lookups(np.random.default_rng(seed), 520)
    assert len(set(lookups)) == 520
    assert all(lookup.isascii() and lookup.isalnum() and lookup == lookup.lower() for lookup in lookups)
    assert sum(lookup.endswith("jr") for lookup in lookups) >= 4
    assert any(lookup + "jr" in lookups for lookup in lookups)


def test_lookups_in_the_tables_are_distinct_people_with_suffixes(season: Season) -> None:
    season.never("SELECT * FROM context WHERE NOT regexp_full_match(player_lookup, '[a-z0-9]+')")
    season.never(
        "SELECT player_lookup FROM context GROUP BY player_lookup HAVING count(DISTINCT universal_player_id) > 1"
    )
    season.never("SELECT universal_player_id FROM context GROUP BY 1 HAVING count(DISTINCT player_lookup) > 1")
    for suffix in ("jr", "iii"):
        assert season.value(f"SELECT count(*) FROM context WHERE player_lookup LIKE '%{suffix}'") > 0


def test_more_players_than_names_are_refused() -> None:
    with pytest.raises(ValueError, match="there are only"):
        draw_lookups(np.random.default_rng(0), 1_000_000)


def test_players_are_of_plausible_age_and_shares_sum_to_one() -> None:
    players = draw_players(np.random.default_rng(0))
    assert len(players) == 30 * ROSTER_SIZE + FREE_AGENTS
    assert players.age_in_october.min() >= 19
    assert players.age_in_october.max() <= 39
    assert players.zone_share.sum(axis=1) == pytest.approx(1)
    assert (players.first_team < 0).sum() == FREE_AGENTS
    assert set(players.archetype) == set(range(6))
    assert set(players.first_team[players.is_star]) == set(range(30))
    assert players.rank[players.is_star].max() <= 2


def test_all_primary_zones_occur_among_regular_players(season: Season) -> None:
    zones = dict(
        season.rows(
            """
            WITH shares AS (
                SELECT sum(paint_attempts) / sum(fg_attempts) AS paint,
                       sum(three_pt_attempts) / sum(fg_attempts) AS three,
                       sum(mid_range_attempts) / sum(fg_attempts) AS mid
                FROM played GROUP BY player_lookup HAVING sum(fg_attempts) >= 150
            )
            SELECT CASE WHEN paint >= .4 THEN 'paint' WHEN three >= .4 THEN 'perimeter'
                        WHEN mid >= .35 THEN 'mid_range' ELSE 'balanced' END, count(*)
            FROM shares GROUP BY 1
            """
        )
    )
    assert set(zones) == {"paint", "perimeter", "mid_range", "balanced"}
    assert min(zones.values()) >= 5
    assert zones["paint"] > 100
    assert zones["perimeter"] > 50


def test_defenses_differ_in_every_zone(season: Season) -> None:
    spreads = season.row(
        """
        SELECT stddev(paint), stddev(mid), stddev(three), max(paint) - min(paint) FROM (
            SELECT sum(opp_paint_makes) / sum(opp_paint_attempts) AS paint,
                   sum(opp_mid_range_makes) / sum(opp_mid_range_attempts) AS mid,
                   sum(opp_three_pt_makes) / sum(opp_three_pt_attempts) AS three
            FROM defense GROUP BY defending_team_abbr)
        """
    )
    paint, mid_range, three, range_in_paint = spreads
    assert paint > 0.012
    assert mid_range > 0.012
    assert three > 0.007
    assert range_in_paint > 0.05


def test_players_range_from_stars_to_the_end_of_the_bench(season: Season) -> None:
    minutes, usage, points = (
        [
            value
            for (value,) in season.rows(
                f"SELECT avg({column}) FROM played GROUP BY player_lookup HAVING count(*) >= 20"
            )
        ]
        for column in ("minutes_played", "usage_rate", "points")
    )
    assert min(minutes) < 6
    assert max(minutes) > 36
    assert min(usage) < 13
    assert max(usage) > 28
    assert max(points) > 24
