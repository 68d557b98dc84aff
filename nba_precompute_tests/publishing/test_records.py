"""The record of a date survives the event log, and a materialization without one is no record."""

from __future__ import annotations

import pytest

from nba_precompute.publishing.records import Published

RECORD = Published(inputs_fingerprint="nbac_schedule=5c115d16", code_version="", content_hash="a8f07f9e")


def test_a_record_is_read_back_from_its_metadata_among_other_values() -> None:
    assert Published.from_metadata({"rows": 30, **RECORD.as_metadata()}) == RECORD


@pytest.mark.parametrize("field", RECORD.as_metadata())
def test_metadata_that_lacks_a_field_is_no_record(field: str) -> None:
    metadata = RECORD.as_metadata()
    del metadata[field]
    assert Published.from_metadata(metadata) is None
