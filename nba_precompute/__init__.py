"""The Phase 4 precompute layer of an NBA analytics platform, as a Dagster asset graph.

Here: `definitions` (the code location), `features` (the API for models), `calendar`, and packages that import only
from those before them: `tables`, `sql`, `warehouse`, `sources`, `publishing` and `quality`, which do not know Dagster,
then `orchestration`, `operations` and `cli`. `simulation` needs only `calendar`, `tables` and the types of `warehouse`.
Not here: other modules. Put new code into the package whose docstring claims it.
"""
