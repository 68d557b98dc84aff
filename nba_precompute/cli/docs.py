"""The documentation that is generated from the declarations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nba_precompute.cli.app import AsJson, app, console, print_json


@app.command()
def docs(
    out: Annotated[Path, typer.Option(help="The folder of the pages.")],
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit code 1 where a page is stale.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the data dictionary and the feature catalog from the declarations of the tables.

    Example: nba-precompute docs --out docs
    """
    from nba_precompute.operations.data_dictionary import pages

    made = pages()
    paths = {out / name: text for name, text in made.items()}
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
        for path in paths:
            is_stale = "stale: run `nba-precompute docs`" if check else "written"
            console().print(f"{path}: {is_stale if path in stale else 'up to date'}", soft_wrap=True)
    if check and stale:
        raise typer.Exit(1)
