# A fresh clone needs `make backfill` and `make test`; `make ui` shows the result.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EMULATOR := .bqemu
# From PATH or pyenv. Empty if there is none: then the tests of the emulator are skipped and say so.
PYTHON313 ?= $(shell for python in python3.13 "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.13*/bin/python3.13; do \
  "$$python" -c '' 2> /dev/null && echo "$$python" && break; done)
STATE := .nba
FROM ?= 2021-10-19
TO ?= 2021-11-30
SEASON ?= 2021

export DAGSTER_HOME := $(CURDIR)/$(STATE)/dagster_home
export NBA_DUCKDB_PATH ?= $(CURDIR)/$(STATE)/nba.duckdb
# Writing Dagster's events in batches cuts the run of a season with its checks to two thirds of the time.
export DAGSTER_EVENT_BATCH_SIZE ?= 1000

.PHONY: backfill test emulator ui bench lock clean

backfill: $(VENV)/.installed $(STATE)/env
	$(BIN)/nba-precompute init
ifdef NBA_SOURCES
	$(BIN)/nba-precompute sources check --date $(FROM) || test $$? -eq 3 # 3: a source does not cover the date; it is named
else ifdef PHASE3
	$(BIN)/nba-precompute import $(PHASE3) || test $$? -eq 3 # 3: something in the files is missing; it is named here
else
	$(BIN)/nba-precompute simulate --season $(SEASON)
endif
	$(BIN)/nba-precompute observe || test $$? -eq 3 # 3: some dates are incomplete; they are named here and flagged in the rows
	$(BIN)/dagster asset materialize --select 'group:phase4' --partition-range $(FROM)...$(TO) -m nba_precompute.definitions
	$(BIN)/nba-precompute status --dates --from $(FROM) --to $(TO) || test $$? -eq 3 # 3: open problems; they are named
	@echo
	@echo "Next steps:"
	@echo "  make ui         open the asset graph, this run and its checks in Dagster, at http://127.0.0.1:3000"
	@echo "  . $(STATE)/env       set up this shell for dagster, dg and nba-precompute, e.g. nba-precompute status"
	@echo "  query the tables nba_precompute.* and nba_predictions.ml_feature_store_v2 in $(NBA_DUCKDB_PATH)"

test: $(VENV)/.installed $(STATE)/env $(if $(PYTHON313),emulator)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/dg check defs --use-active-venv
	$(BIN)/python -m pytest -n auto --dist loadfile

emulator: $(EMULATOR)/.installed

ui: $(VENV)/.installed $(STATE)/env
	$(BIN)/dagster dev --host 127.0.0.1 --port 3000 --workspace workspace.yaml

bench: $(VENV)/.installed
	$(BIN)/python benchmarks/season.py

lock: $(VENV)/.installed
	$(BIN)/uv pip compile setup.cfg --extra dev --extra fetch --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --custom-compile-command 'make lock' --upgrade --quiet --output-file requirements.lock
	$(BIN)/uv pip compile requirements-emulator.in --universal --python-version 3.13 --generate-hashes \
	  --no-emit-index-url --custom-compile-command 'make lock' --upgrade --quiet --output-file requirements-emulator.lock

clean:
	rm -rf $(STATE)

$(VENV)/.installed: requirements.lock setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "nba_precompute needs Python 3.11 or newer; set PYTHON= to its path")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	# --no-deps: the lock is complete, and older versions of pip reject extras in hash mode.
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	touch $@

# With its DuckDB extensions installed in its home directory, the emulator needs no network.
$(EMULATOR)/.installed: requirements-emulator.lock
	@test -n "$(PYTHON313)" || { echo "the BigQuery emulator needs Python 3.13; set PYTHON313= to its path" >&2; exit 1; }
	test -x $(EMULATOR)/bin/python || $(PYTHON313) -m venv $(EMULATOR)
	$(EMULATOR)/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --require-hashes \
	  -r requirements-emulator.lock
	$(EMULATOR)/bin/python nba_precompute_tests/bigquery/install_extensions.py $(EMULATOR)/home
	touch $@

# The Dagster instance, and the settings that a shell sources to work on this data.
$(STATE)/env: deploy/local/dagster.yaml Makefile
	mkdir -p $(DAGSTER_HOME)
	cp deploy/local/dagster.yaml $(DAGSTER_HOME)/dagster.yaml
	printf 'export DAGSTER_HOME="%s"\nexport NBA_DUCKDB_PATH="%s"\nexport DAGSTER_EVENT_BATCH_SIZE=%s\n' \
	  "$(DAGSTER_HOME)" "$(NBA_DUCKDB_PATH)" "$(DAGSTER_EVENT_BATCH_SIZE)" > $@
	printf 'export VIRTUAL_ENV="%s"\nexport PATH="$$VIRTUAL_ENV/bin:$$PATH"\n' "$(CURDIR)/$(VENV)" >> $@
