"""Faults planted in the SQL of the product: a proof that no fault makes red proves nothing."""

from __future__ import annotations

from collections.abc import Callable

import jinja2
import pytest

import nba_precompute.sql


class _Planted(jinja2.BaseLoader):
    def __init__(self, template: str, text: str, fault: str) -> None:
        self._fault = template, text, fault

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source = (nba_precompute.sql.DIRECTORY / template).read_text(encoding="utf-8")
        where, text, fault = self._fault
        if template == where:
            assert source.count(text) == 1, f"{where} must have once: {text}"
            source = source.replace(text, fault)
        return source, template, lambda: True


def plant(monkeypatch: pytest.MonkeyPatch, template: str, text: str, fault: str) -> None:
    """Replace a text of a template that must be in it exactly once."""
    planted = nba_precompute.sql._environment().overlay(loader=_Planted(template, text, fault))
    monkeypatch.setattr(nba_precompute.sql, "_environment", lambda: planted)
