"""The assets of the sources say the form that they are read through."""

from __future__ import annotations

import pytest

from nba_precompute.orchestration.assets import phase3
from nba_precompute.tables import SOURCES
from nba_precompute.warehouse.forms import forms_from_environment


def test_the_description_names_the_form(monkeypatch: pytest.MonkeyPatch) -> None:
    source = SOURCES["nbac_schedule"]
    described = {spec.key.to_user_string(): spec.description for spec in phase3.PHASE3_ASSETS}
    assert described[source.name] == source.description
    monkeypatch.setattr(phase3, "_FORMS", forms_from_environment({"NBA_SOURCES": "predecessor"}))
    assert phase3._description(source) == f"{source.description} Read through predecessor (NBA_SOURCES)."
