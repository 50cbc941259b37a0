# Enmusubi: `make help` lists the targets. PYTHON names the interpreter that makes the environment.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.PHONY: help install demo serve test check format docs clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	$(PYTHON) -m venv $(VENV) || $(PYTHON:python3.11=python3) -m venv $(VENV)

$(STAMP): $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(DEV_STAMP): $(STAMP) requirements-dev.txt client/pyproject.toml tools/ensure_browser.sh
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
	  -e '.[tracking,postgresql,notebooks,training]' -e ./client -r requirements-dev.txt
	sh tools/ensure_browser.sh
	@touch $@

install: $(STAMP)  ## create the environment from the pinned constraints

demo: $(STAMP)  ## set up the made-up university, index it, show two match lists
	@$(BIN)/enmusubi demo

serve: $(STAMP)  ## serve the page and the API
	@$(BIN)/enmusubi serve

test: $(DEV_STAMP)  ## run every test: browser, PostgreSQL and notebooks included
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder

check: $(DEV_STAMP)  ## format, lint, types, import contracts, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder

format: $(DEV_STAMP)  ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## remove the environment and what tests leave
	rm -rf $(VENV) artefacts .mypy_cache .ruff_cache .pytest_cache
