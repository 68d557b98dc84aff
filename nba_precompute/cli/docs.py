"""`docs`: the pages generated from the declarations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nba_precompute.cli.app import AsJson
from nba_precompute.cli.output import print_json, say


def command(
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder to write the pages to.")],
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; end with exit code 1 if a page is out of date.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write the data dictionary and the feature catalog from the declarations of the tables.

    Example: `nba-precompute docs --out docs`
    """
    from nba_precompute.operations.data_dictionary import pages

    paths = {out / name: text for name, text in pages().items()}
    stale = [path for path, text in paths.items() if not path.exists() or path.read_bytes() != text.encode()]
    if not check:
        out.mkdir(parents=True, exist_ok=True)
        for path in stale:
            path.write_text(paths[path], encoding="utf-8", newline="\n")
    if as_json:
        print_json(
            {"pages": [str(path) for path in paths], "stale" if check else "written": [str(path) for path in stale]}
        )
    else:
        verdict = "stale: run `nba-precompute docs`" if check else "written"
        for path in paths:
            say(f"{path}: {verdict if path in stale else 'up to date'}")
    if check and stale:
        raise typer.Exit(1)
