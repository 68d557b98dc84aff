"""The report of a season: one self-contained HTML page.

Here: the content of the page (`page.py`), its charts (`charts.py`), its layout (`templates/report.html`), the Dagster
asset that writes it (`asset.py`). Not here: the command (`cli/report.py`).
"""
