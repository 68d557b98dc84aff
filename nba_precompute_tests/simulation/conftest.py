"""Simulated seasons, simulated once each and shared by the tests."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pytest

from nba_precompute.simulation import simulate_season

SEASONS = ((2021, 0), (2021, 1), (2021, 2), (2023, 0))

# Short names for the most common filters.
_VIEWS = """
CREATE VIEW played AS SELECT * FROM player_game_summary WHERE NOT is_dnp;
CREATE VIEW absent AS SELECT * FROM player_game_summary WHERE is_dnp;
CREATE VIEW context AS SELECT * FROM upcoming_player_game_context;
CREATE VIEW offense AS SELECT * FROM team_offense_game_summary;
CREATE VIEW defense AS SELECT * FROM team_defense_game_summary;
CREATE VIEW final AS
    SELECT * FROM nbac_schedule
        WHERE game_status = 3 AND game_type IN ('regular_season', 'play_in', 'playoffs');
CREATE VIEW regular AS SELECT * FROM final WHERE game_type = 'regular_season';
CREATE VIEW appearance AS
    SELECT *, home_team_tricode AS team, away_team_tricode AS opponent, TRUE AS home FROM final
    UNION ALL SELECT *, away_team_tricode, home_team_tricode, FALSE FROM final;
"""


class Season:
    """The five tables of a season, and SQL over them."""

    def __init__(self, season_year: int, seed: int) -> None:
        self.season_year = season_year
        self.seed = seed
        self.tables: dict[str, pa.Table] = simulate_season(season_year, seed)
        self._connection = duckdb.connect()
        for name, table in self.tables.items():
            self._connection.register(f"{name}_arrow", table)
            self._connection.execute(f"CREATE TABLE {name} AS FROM {name}_arrow")
        self._connection.execute(_VIEWS)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()

    def row(self, sql: str) -> tuple[Any, ...]:
        (only,) = self.rows(sql)
        return only

    def value(self, sql: str) -> Any:
        (only,) = self.row(sql)
        return only

    def never(self, sql: str) -> None:
        """Assert that the query returns no row."""
        violations = self.rows(f"{sql} LIMIT 3")
        assert violations == []


@pytest.fixture(scope="session", params=SEASONS, ids=lambda p: f"{p[0]}-seed{p[1]}")
def season(request: pytest.FixtureRequest) -> Season:
    return Season(*request.param)
