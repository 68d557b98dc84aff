"""`estimate`, replaced by `plan`: bytes that a run over every date of a range would read."""

from __future__ import annotations

from nba_precompute.cli.app import AsJson, CapBytes, First, Last, dates_between, note_renamed
from nba_precompute.cli.output import print_json, say, show
from nba_precompute.cli.plan import estimate_table, estimates_as_dicts, refuse_over_cap
from nba_precompute.warehouse import warehouse_from_environment


def command(first: First, last: Last, cap_bytes: CapBytes = None, as_json: AsJson = False) -> None:
    """Show how many bytes a run of the five tables over every date would read (replaced by `plan`).

    Example: `nba-precompute estimate --from 2021-10-19 --to 2022-04-10 --cap-bytes 2000000000`
    """
    from nba_precompute.publishing.estimate import estimate

    note_renamed("estimate", "plan")
    dates = dates_between(first, last)
    warehouse = warehouse_from_environment()
    found = estimate(warehouse, dates)
    known = [table.total for table in found if table.total is not None]
    total = sum(known) if len(known) == len(found) else None
    if as_json:
        print_json(
            {
                "first_date": dates[0],
                "last_date": dates[-1],
                "tables": estimates_as_dicts(found),
                "total_bytes": total,
            }
        )
    else:
        show(estimate_table(f"bytes that a run over {len(dates)} dates would read", found))
        say(f"{warehouse.describe()}: nothing is billed" if total is None else f"in total {total:,}")
    refuse_over_cap(total, cap_bytes)
