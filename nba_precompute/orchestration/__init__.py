"""Everything that Dagster runs: assets, checks, jobs, schedules, sensors, resources, and what the event log records.

Here: the definitions, thin wrappers of the packages below. Not here: how rows are made, published and checked (`sql/`,
`publishing/`, `quality/`), commands (`operations/`, `cli/`), the code location (`definitions.py`).

No module is imported here: `dagster.yaml` names one of them, and loading it must not load the others.
"""

import warnings

# Owners and partition mappings are beta, checks by partition a preview: nothing that a user of the commands can act on.
warnings.filterwarnings("ignore", message=r".* is currently in (beta|preview)")
