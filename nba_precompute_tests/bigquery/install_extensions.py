"""Copy the packaged DuckDB extensions to where this interpreter's DuckDB looks for them.

Usage: python install_extensions.py HOME
"""

import shutil
import sys
from pathlib import Path

import duckdb

EXTENSIONS = ("ducklake", "icu", "spatial")


def main(home: Path) -> None:
    """Copy each extension below `home`, for this DuckDB's version and platform."""
    with duckdb.connect() as connection:
        (platform,) = connection.execute("PRAGMA platform").fetchone()
    target = home / ".duckdb" / "extensions" / f"v{duckdb.__version__}" / platform
    target.mkdir(parents=True, exist_ok=True)
    for name in EXTENSIONS:
        package = Path(__import__(f"duckdb_extension_{name}").__file__).parent
        (found,) = package.glob(f"extensions/v{duckdb.__version__}/**/{name}.duckdb_extension")
        shutil.copy(found, target)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
