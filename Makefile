.DEFAULT_GOAL := help
.PHONY: help install install-dev run demo migrate seed test unit check lint bench bench-identity format lock \
	clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCK := $(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock" --quiet

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Nexus needs Python 3.11 or newer: make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The PostgreSQL that root starts runs as another user, who must be able to read its programs.
$(VENV)/run.stamp: requirements/run.lock pyproject.toml | $(BIN)/python
	@echo "Installing what Nexus runs on (a minute, once)"
	@umask 022 && $(PIP_INSTALL) --require-hashes -r requirements/run.lock
	@$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock $(VENV)/run.stamp
	@echo "Installing what Nexus is tested with"
	@umask 022 && $(PIP_INSTALL) --require-hashes -r requirements/dev.lock
	@touch $@

install: $(VENV)/run.stamp ## Install what running needs into .venv

install-dev: $(VENV)/dev.stamp ## Install what testing and linting need too

run: install ## Start the whole shop on this machine
	@$(BIN)/nexus run

demo: install ## Buy something for real, starting what is not running
	@$(BIN)/nexus demo

migrate: install ## Bring the database of DATABASE_URL up to date
	@$(BIN)/nexus migrate

seed: install ## Fill the database of DATABASE_URL with the demo shop
	@$(BIN)/nexus seed --size demo

test: install-dev ## Run every test, with the coverage floor
	@$(BIN)/pytest --cov

unit: install-dev ## Run the tests that need no service
	@$(BIN)/pytest tests/unit

check: install-dev ## Check format, rules, types, imports and unit tests, in seconds
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/pytest tests/unit

lint: install-dev ## Run every static check
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/bandit --quiet --recursive src --configfile pyproject.toml --severity-level medium
	@$(BIN)/deptry .

bench: install-dev ## Measure the catalogue beside bare Flask and a naive application (SIZES, ROUNDS, SECONDS, ARGS)
	@$(BIN)/python -m benchmarks.catalogue $(ARGS)

bench-identity: install-dev ## Measure log-ins, and what a flood of wrong ones costs the others
	@$(BIN)/python -m benchmarks.identity

format: install-dev ## Put the code into shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# The widest comes first, and the others agree with it: what is tested is what runs.
lock: install-dev ## Write the locks again from pyproject.toml
	@$(LOCK) --all-extras --output-file requirements/dev.lock
	@$(LOCK) --extra embedded --constraint requirements/dev.lock --output-file requirements/run.lock
	@$(LOCK) --extra s3 --constraint requirements/dev.lock \
		--output-file requirements/production.lock

clean: ## Remove what can be made again; the data in var stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage* htmlcov
