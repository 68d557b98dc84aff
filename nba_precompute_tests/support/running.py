"""Commands run as a user does: in a clean shell with a warehouse and an instance of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nba_precompute_tests.support.league import REPOSITORY

BIN = Path(sys.executable).parent
PATIENCE = 600
"""Seconds to wait for anything: other tests may keep the processors busy."""


@dataclass(frozen=True)
class Shell:
    """A folder with a DuckDB file and a DAGSTER_HOME, and the environment that names them.

    Attributes:
        variables: what else the environment has, or has otherwise.
    """

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def at(cls, folder: Path, **variables: str) -> Shell:
        home = folder / "dagster_home"
        home.mkdir(parents=True)
        shutil.copy(REPOSITORY / "deploy" / "local" / "dagster.yaml", home)
        return cls(folder, variables)

    @property
    def database(self) -> Path:
        return self.folder / "nba.duckdb"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("NBA_", "DAGSTER_"))}
        return {
            **kept,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "DAGSTER_HOME": str(self.folder / "dagster_home"),
            "NBA_DUCKDB_PATH": str(self.database),
            "NO_COLOR": "1",
            **self.variables,
        }

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a command in the repository, as the README says, and keep its output."""
        return subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; one that does not end is killed, with everything that it started."""
        process = self.start(*command)
        try:
            output, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            raise AssertionError(f"{' '.join(command)} ran for {PATIENCE} s and printed: {output}") from error
        return subprocess.CompletedProcess(command, process.returncode, output)

    def succeed(self, *command: str) -> str:
        """Run a command that must end with exit code 0, and return its output."""
        done = self.run(*command)
        assert done.returncode == 0, done.stdout
        return done.stdout
