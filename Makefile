# Enmusubi: `make help` lists the targets. PYTHON=… names the interpreter that makes the environment; without
# it, the first of Python 3.11, 3.12 and 3.13 that is there does.
PYTHON ?=
# PyTorch's builds for processors, at hand, whose sums `make hashes` adds
TORCH_WHEEL ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
INSTALL := $(BIN)/python tools/install.py
# compiled modules are kept even where the environment forbids it: tests start hundreds of processes
PYTEST := OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q

.DEFAULT_GOAL := help
TOOLS := $(VENV)/tools
.PHONY: help install demo serve test test-exhaustive check bench format docs hashes sbom pin-images clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@sh tools/make_environment.sh $(VENV) $(PYTHON)

$(STAMP): $(BIN)/python pyproject.toml constraints.txt
	@$(INSTALL) "Step 2 of 3: PyTorch" -c constraints.txt torch
	@$(INSTALL) "Step 3 of 3: Enmusubi and its packages" -c constraints.txt -e .
	@touch $@

$(DEV_STAMP): $(STAMP) requirements-dev.txt client/pyproject.toml tools/ensure_browser.sh
	@$(INSTALL) "Packages of tests and notebooks" -c constraints.txt \
	  -e '.[tracking,postgresql,notebooks,training,ray]' -e ./client -r requirements-dev.txt
	@sh tools/ensure_browser.sh
	@touch $@

install: $(STAMP)  ## create the environment from the pinned constraints

demo: $(STAMP)  ## set up the made-up university, index it, show two match lists
	@$(BIN)/enmusubi demo

serve: $(STAMP)  ## serve the page and the API
	@$(BIN)/enmusubi serve

test: $(DEV_STAMP)  ## run the tests: browser, PostgreSQL and notebooks included
	$(PYTEST) -n 3 --junitxml=artefacts/tests.xml

test-exhaustive: $(DEV_STAMP)  ## run all of every test, as before a release
	$(PYTEST) -n 3 --exhaustive --screenshots --junitxml=artefacts/tests-exhaustive.xml

check: $(DEV_STAMP)  ## format, lint, types, import contracts, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) -n 3 --junitxml=artefacts/tests.xml

bench: $(STAMP)  ## measure speed, and compare with the last release
	@$(BIN)/enmusubi bench run --output artefacts/bench.json
	@test ! -f benchmarks/last_release.json || \
	  $(BIN)/enmusubi bench compare benchmarks/last_release.json artefacts/bench.json

format: $(DEV_STAMP)  ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(TOOLS)/.installed: $(BIN)/python requirements-tools.txt
	@$(BIN)/python -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-tools.txt
	@touch $@

hashes: $(TOOLS)/.installed  ## write the SHA-256 of every pinned package's files into hashes/
	$(BIN)/python tools/hash_constraints.py --uv $(TOOLS)/bin/uv --torch-wheel $(TORCH_WHEEL)

sbom: $(STAMP) $(TOOLS)/.installed  ## list what is installed in artefacts/sbom.json (CycloneDX)
	@mkdir -p artefacts
	$(BIN)/python tools/versioned_pyproject.py > artefacts/pyproject.toml
	$(TOOLS)/bin/cyclonedx-py environment --output-reproducible --pyproject artefacts/pyproject.toml \
	  --output-format JSON --output-file artefacts/sbom.json $(BIN)/python

pin-images:  ## name the images of compose.yaml by the digest that their registry tells, in .env
	@sh tools/pin_images.sh

clean:  ## remove the environment and what tests leave
	rm -rf $(VENV) artefacts .mypy_cache .ruff_cache .pytest_cache
