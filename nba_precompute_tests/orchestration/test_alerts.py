"""The report of a failed run names the error's kind: a message such as KeyError's says nothing alone."""

from __future__ import annotations

import dagster as dg
import pytest

from nba_precompute.orchestration.alerts import report_of
from nba_precompute.orchestration.run_errors import as_failure
from nba_precompute.warehouse import WarehouseBusy


@pytest.mark.parametrize(
    ("error", "named", "step"),
    [
        (KeyError("rows"), "stored: KeyError: 'rows'", "Open the run in the UI"),
        (as_failure(WarehouseBusy("held by 7")), "stored: WarehouseBusy: held by 7", "Run these dates again once"),
    ],
)
def test_the_report_names_the_kind_of_the_error_and_its_next_step(error: Exception, named: str, step: str) -> None:
    @dg.asset
    def stored() -> None:
        raise error

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([stored], instance=instance, raise_on_error=False)
        context = dg.build_run_status_sensor_context(
            sensor_name="run_failures",
            dagster_event=result.get_run_failure_event(),
            dagster_instance=instance,
            dagster_run=result.dagster_run,
        )
        lines = report_of(context.for_run_failure()).splitlines()
    assert lines[1] == named
    assert lines[2].startswith(f"next step: {step}")
