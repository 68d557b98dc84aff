"""`AuditError`: complete data for the caller, a short message for the reader."""

from __future__ import annotations

import datetime as dt

from nba_precompute.publishing.errors import AuditError

DATES = [dt.date(2021, 10, day) for day in range(19, 27)]


def test_every_reason_is_kept_and_the_message_names_five_dates() -> None:
    reasons = {date: ["no game", "2 NULL keys"] if date == DATES[0] else ["no game"] for date in reversed(DATES)}
    error = AuditError("player_daily_cache", reasons)
    assert error.table == "player_daily_cache"
    assert error.dates == DATES
    assert error.reasons == {date: tuple(texts) for date, texts in reasons.items()}
    assert str(error) == (
        "player_daily_cache: nothing was published: "
        "no game (2021-10-19, 2021-10-20, 2021-10-21, 2021-10-22, 2021-10-23 and 3 more); 2 NULL keys (2021-10-19)"
    )


def test_a_reason_without_a_date_and_rows_that_are_already_published() -> None:
    error = AuditError("a", {DATES[0]: ["30 rows are gone"], None: ["the counts differ"]}, is_published=True)
    assert error.dates == DATES[:1]
    assert error.reasons[None] == ("the counts differ",)
    assert str(error) == (
        "a: published, but the table differs from what was staged: the counts differ; 30 rows are gone (2021-10-19)"
    )


def test_a_date_without_a_reason_is_not_in_the_error() -> None:
    """A backfill runs every date that the error names alone."""
    error = AuditError("a", {DATES[0]: [], DATES[1]: ["no game"], None: []})
    assert error.dates == [DATES[1]]
    assert error.reasons == {DATES[1]: ("no game",)}
