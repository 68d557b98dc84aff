"""Errors of runs: what a step raises is what is read back from the events of a real run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import dagster as dg
import pytest

from nba_precompute.calendar import DateRefused
from nba_precompute.orchestration.run_errors import (
    BlockingCheckFailed,
    InputsRefused,
    NotReady,
    RunError,
    as_failure,
    run_error,
)
from nba_precompute.publishing.errors import AuditError
from nba_precompute.warehouse import SchemaMismatch, WarehouseBusy, WarehouseError

DATES = [dt.date(2021, 10, 19) + dt.timedelta(days=n) for n in range(8)]
REASONS: Mapping[dt.date, Sequence[str]] = {date: ["3 duplicate keys", "1 row with NULL"] for date in reversed(DATES)}


class FailingIOManager(dg.IOManager):
    """Fails to store every output."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        raise self.error

    def load_input(self, context: dg.InputContext) -> None: ...


def failed_run(error: Exception) -> tuple[dg.DagsterEvent, dg.DagsterEvent]:
    """The step failure and the run failure of a run whose IO manager raises the error."""

    @dg.asset
    def stored() -> int:
        return 1

    result = dg.materialize([stored], resources={"io_manager": FailingIOManager(error)}, raise_on_error=False)
    (step,) = result.filter_events(lambda event: event.is_step_failure)
    return step, result.get_run_failure_event()


@pytest.mark.parametrize("error", [SchemaMismatch("points: missing"), WarehouseBusy("held"), DateRefused("2099")])
def test_an_error_that_is_about_no_date_keeps_its_kind_and_message(error: Exception) -> None:
    for event in failed_run(as_failure(error)):
        found = run_error(event)
        assert found == RunError(type(error).__name__, str(error))
        assert not found.is_about_dates


def test_a_broken_rule_keeps_every_date_and_reason() -> None:
    error = AuditError("some_table", {**REASONS, None: ["the merge did something else"]}, is_published=True)
    for event in failed_run(as_failure(error)):
        assert run_error(event) == RunError(
            kind="AuditError",
            message=str(error),
            dates=tuple(DATES),
            reasons=dict.fromkeys(DATES, ("3 duplicate keys", "1 row with NULL")),
        )


def test_a_failed_check_keeps_every_date_and_reason_while_its_message_names_a_few() -> None:
    failure = as_failure(BlockingCheckFailed("some_table", REASONS))
    assert failure.allow_retries is False, "the same rows would fail again"
    for event in failed_run(failure):
        found = run_error(event)
        assert found is not None
        assert (found.kind, found.is_about_dates) == ("BlockingCheckFailed", True)
        assert found.dates == tuple(DATES)
        assert found.reasons == dict.fromkeys(DATES, ("3 duplicate keys", "1 row with NULL"))
        assert found.message.startswith("some_table: blocking checks failed on 8 dates: 2021-10-19: 3 duplicate keys")
        assert str(DATES[5]) not in found.message
        assert found.message.endswith("; ..."), "there are more"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            InputsRefused(REASONS, 30),
            "refused 8 of 30 dates: 2021-10-19: 3 duplicate keys, 1 row with NULL; 2021-10-20",
        ),
        (NotReady(REASONS, 30), "8 of 30 dates are not ready: 2021-10-19: 3 duplicate keys, 1 row with NULL; 2021-10-"),
    ],
)
def test_what_is_left_of_a_run_keeps_every_date_and_is_not_tried_again(error: Exception, message: str) -> None:
    failure = as_failure(error)
    assert failure.allow_retries is False
    for event in failed_run(failure):
        found = run_error(event)
        assert found is not None
        assert (found.kind, found.dates, found.is_about_dates) == (type(error).__name__, tuple(DATES), True)
        assert found.message.startswith(message)
        assert found.message.endswith("; ..."), "there are more"


def test_an_unexpected_error_has_its_own_name_and_message() -> None:
    for event in failed_run(ZeroDivisionError("no games on 2021-10-19")):
        found = run_error(event)
        assert found == RunError("ZeroDivisionError", "no games on 2021-10-19")
        assert found.is_about_dates


@pytest.mark.parametrize(
    ("error", "is_about_dates"),
    [(WarehouseBusy("checks: gave up waiting"), False), (WarehouseError("run `nba-precompute init`"), True)],
)
def test_an_error_of_a_check_step_is_not_replaced_by_its_cause_in_the_driver(
    error: Exception, *, is_about_dates: bool
) -> None:
    error.__cause__ = OSError("Could not set lock on file")
    for event in failed_run(error):
        found = run_error(event)
        assert found == RunError(type(error).__name__, str(error))
        assert found.is_about_dates is is_about_dates


def test_a_failure_of_an_op_has_its_description() -> None:
    for event in failed_run(dg.Failure("nothing has been observed yet")):
        assert run_error(event) == RunError("Failure", "nothing has been observed yet")


def test_other_events_carry_no_error() -> None:
    @dg.asset
    def stored() -> None: ...

    events = dg.materialize([stored]).all_events
    assert events
    assert [run_error(event) for event in events] == [None] * len(events)
