# Everything a person does with retrowalk, by name. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= $(shell for v in 3.13 3.12 3.11; do \
  command -v python$$v >/dev/null 2>&1 && python$$v -c 'import venv, ensurepip' >/dev/null 2>&1 && { echo python$$v; exit; }; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP_OPTIONS := install --quiet --quiet --disable-pip-version-check
PIP := $(BIN)/python -m pip $(PIP_OPTIONS)
PIP_BENCH := .venv-bench/bin/python -m pip $(PIP_OPTIONS)
export DAGSTER_HOME := $(CURDIR)/data/dagster
export PYTHONWARNINGS ?= ignore::DeprecationWarning

.DEFAULT_GOAL := help

.PHONY: help
help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

$(READY): requirements/locked.txt requirements/build.txt
	@$(PYTHON) -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 13)))' || { \
	  echo "retrowalk needs Python 3.11, 3.12 or 3.13; '$(PYTHON)' is not one. Install one, or say which: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Setting up $(VENV)/ with $$($(PYTHON) --version) (once, about a minute) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) --require-hashes -r requirements/build.txt
	@$(PIP) --require-hashes --no-deps --no-build-isolation -r requirements/locked.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: setup
setup: $(READY) ## Build the environment in .venv/

.PHONY: run
run: $(READY) ## Score the inbox (first time: sample_data/) through Dagster and print the weekly table
	@mkdir -p $(DAGSTER_HOME)
	@$(BIN)/python -m pipelines

.PHONY: ui
ui: $(READY) ## Serve Dagster's UI on http://127.0.0.1:3000
	@mkdir -p $(DAGSTER_HOME)
	@cp -n dagster.yaml $(DAGSTER_HOME)/dagster.yaml 2>/dev/null || true
	$(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1 -p 3000

.PHONY: test
test: $(READY) ## Format, lint, types, import contracts and all tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest

.PHONY: format
format: $(READY) ## Bring the code into form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: docs
docs: $(READY) ## Write the data dictionary anew from the tables
	$(BIN)/python -m retrowalk.tables

.PHONY: sample
sample: $(READY) ## Make sample_data/ anew
	$(BIN)/python sample_data/make.py

.PHONY: fuzz
fuzz: $(READY) ## Mutate exports for longer than the tests do
	RETROWALK_FUZZ_EXAMPLES=5000 $(BIN)/python -m pytest -n 0 -q tests/read/test_fit_fuzz.py

.PHONY: evaluate
evaluate: $(READY) ## Measure direction and grade on simulated cohorts with known truth (EVALUATE="--size large --out out/")
	$(BIN)/python -m retrowalk.evaluate $(EVALUATE)

.PHONY: bench-fit
bench-fit: $(READY) ## Time the FIT decoder beside its peers, which go into .venv-bench/
	@test -d .venv-bench || { $(PYTHON) -m venv .venv-bench && \
	  $(PIP_BENCH) --require-hashes -r requirements/build.txt && \
	  $(PIP_BENCH) --require-hashes --no-deps --no-build-isolation -r requirements/locked.txt && \
	  $(PIP_BENCH) -r requirements/bench.in; }
	.venv-bench/bin/python benchmarks/bench_fit.py

.PHONY: bench-classify
bench-classify: $(READY) ## Time the classification of 1,000 hours of walking, records to segments
	$(BIN)/python benchmarks/bench_classify.py

.PHONY: bench-csv
bench-csv: $(READY) ## Time reading a CSV of 200 MB, beside Polars and Python's csv module
	$(BIN)/python benchmarks/bench_csv.py

.PHONY: lock
lock: ## Resolve requirements/*.txt anew (needs uv)
	uv pip compile requirements/build.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" -o requirements/build.txt
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" -o requirements/locked.txt

.PHONY: clean
clean: ## Remove the environment and the scored tables (the inbox stays)
	rm -rf $(VENV) .venv-bench data/lake data/dagster .pytest_cache .mypy_cache .ruff_cache
