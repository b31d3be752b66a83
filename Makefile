# What a person types here. `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(firstword $(foreach p,python3.11 python3.12 python3.13 python3,$(if $(shell command -v $(p)),$(p))))
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n < 2 ? n : 2)))
TESTS ?= tests/rules tests/core tests/shell tests/sim tests/stories tests/browser
PRESENT = $(wildcard $(TESTS))

.PHONY: help setup demo dev check test ci bench screenshots soak long drills format hooks

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(VENV)/.dev ## Make the virtual environment with everything a developer needs

demo: $(VENV)/.product ## Run the product with an invented company: nothing to configure (PORT=8080 to choose)
	@$(BIN)/quarterdeck demo

dev: $(VENV)/.dev ## The same with everything logged to the terminal
	@QUARTERDECK_LOG_LEVEL=debug $(BIN)/quarterdeck demo

check: $(VENV)/.dev ## Format, lint, types, imports, spelling, migrations, known vulnerabilities
	@$(BIN)/python tools/check.py

test: $(VENV)/.dev ## Run all tests (TESTS=tests/core for a part)
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile $(PRESENT)

ci: check test ## What must pass before a change lands

bench: $(VENV)/.dev ## Measure against the peers on this machine and print the table of ratios
	@$(BIN)/python -m bench

screenshots: $(VENV)/.dev ## Take the pictures of the documentation anew
	@$(BIN)/python tools/screenshots.py

soak: $(VENV)/.dev ## Simulate the pager for SECONDS=600; without it also property and kill tests with large budgets (an hour or more)
	@$(BIN)/python -m quarterdeck.sim --seconds $(or $(SECONDS),600) --workers $(WORKERS)
	@$(if $(SECONDS),true,QUARTERDECK_SOAK=1 $(BIN)/pytest -n $(WORKERS) --dist loadfile --timeout 7200 $(filter-out tests/rules,$(PRESENT)))

long: $(VENV)/.dev ## Stories on real servers that take minutes each: failover, several nodes, outages, moving the store
	@QUARTERDECK_LONG=1 $(BIN)/pytest tests/stories/test_failover.py tests/stories/test_two_nodes.py tests/stories/test_outages.py tests/stories/test_network_cut.py tests/stories/test_moving_store.py tests/stories/test_selftest.py tests/stories/test_status_clients.py tests/stories/test_status_caddy.py tests/stories/test_status_s3.py tests/stories/test_status_git.py tests/stories/test_status_disk.py tests/stories/test_status_two_engines.py tests/stories/test_hundred_thousand.py tests/stories/test_lifeline_drills.py
	@$(BIN)/pytest --db postgres tests/shell/test_concurrent_pages.py tests/shell/test_concurrent_edits.py tests/shell/test_concurrent_answers.py

drills: $(VENV)/.dev ## Kills, failovers, storms and a peer on real processes, with figures (DRILLS="storm peer" for some)
	@$(BIN)/python tools/drills.py $(DRILLS)

format: $(VENV)/.dev ## Put all Python files into the agreed form
	@$(BIN)/ruff format --quiet
	@$(BIN)/ruff check --fix

hooks: $(VENV)/.dev ## Run the fast checks before each commit
	@$(BIN)/pre-commit install

# The stamps make a second run instant; pyproject.toml being newer makes the next one install again.
$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "Installing Quarterdeck and the developer's tools into $(VENV) (about a minute)"
	@$(PIP) install --editable '.[dev]'
	@touch $(VENV)/.product $@

$(VENV)/.product: pyproject.toml | $(BIN)/python
	@echo "Installing Quarterdeck into $(VENV) (about half a minute)"
	@$(PIP) install --editable .
	@touch $@

$(BIN)/python:
	@[ -n "$(PYTHON)" ] && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Quarterdeck needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
		|| { echo "$(PYTHON) cannot make virtual environments. On Debian: apt-get install python3.11-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
