"""The external assets: four Phase 3 tables and the schedule, which others write, or an import.

Here: one asset per declared source, downstream of the raw tables from which an import derives it, or saying the form
that it is read through. Not here: recording observed dates (`orchestration/observer.py`).
"""

from __future__ import annotations

import dagster as dg

from nba_precompute.orchestration.asset_metadata import definition_metadata
from nba_precompute.orchestration.names import OWNERS, PHASE3_GROUP
from nba_precompute.orchestration.partitions import GAME_DATES
from nba_precompute.tables import SOURCES, Source
from nba_precompute.tables.league import DERIVED_FROM
from nba_precompute.warehouse.forms import forms_from_environment

_FORMS = forms_from_environment()


def _description(source: Source) -> str:
    form = _FORMS.get(source.name)
    return f"{source.description} Read through {form.name} (NBA_SOURCES)." if form else source.description


PHASE3_ASSETS = [
    dg.AssetSpec(
        source.name,
        deps=() if source.name in _FORMS else DERIVED_FROM[source.name],
        partitions_def=GAME_DATES,
        group_name=PHASE3_GROUP,
        description=_description(source),
        owners=OWNERS,
        metadata=definition_metadata(source),
    )
    for source in SOURCES.values()
]
