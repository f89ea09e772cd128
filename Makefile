# `make help` lists what there is. Everything happens in .venv; delete that folder to begin afresh.

SHELL := bash
VENV := .venv
RUN := $(VENV)/bin/python
STAMPS := $(VENV)/stamps
INSTALLED_FROM := setup.cfg pyproject.toml $(wildcard web/frontend/*.* web/frontend/src/*)
PIP_INSTALL := $(RUN) -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test check lint fix bench proof clean

help:  ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1	/' | expand -t 16

demo: $(STAMPS)/product  ## set everything up and serve the sample case types on http://127.0.0.1:8000
	$(VENV)/bin/caseloom demo

test: $(STAMPS)/tests  ## install what the tests need and run them all (some of them: make test ARGS="tests/storage -x")
	@.ci/chromium
	$(RUN) -m pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

check: lint test  ## what every change has to pass: format, ruff, mypy, import rules, tests

lint: $(STAMPS)/tests  ## format, ruff, mypy, import rules
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) -m mypy
	$(RUN) -m pytest -q tests/house -m "not slow"

fix: $(STAMPS)/tests  ## put the format right, and what ruff can
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

bench: $(STAMPS)/tests  ## the benchmarks, one after the other
	@for file in tests/bench/[!_]*.py; do echo "== $$file"; $(RUN) "$$file" || exit 1; done

proof: $(STAMPS)/tests  ## prove the ad-hoc rules on many random cases (another number: make proof CASES=20000)
	CASELOOM_PROOF_CASES=$(or $(CASES),3000) $(RUN) -m pytest -q -s tests/proof

clean:  ## take away the virtual environment, the bundles and what the tools left
	rm -rf $(VENV) build dist *.egg-info web/static/vendor web/frontend/node_modules
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage

$(VENV)/bin/python:
	python=$$(.ci/python) && "$$python" -m venv $(VENV)

$(STAMPS)/product: $(INSTALLED_FROM) | $(VENV)/bin/python
	@echo "Installing Caseloom into $(VENV) …"
	$(PIP_INSTALL) --editable .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/tests: $(INSTALLED_FROM) | $(VENV)/bin/python
	@echo "Installing Caseloom and what its tests need into $(VENV) …"
	$(PIP_INSTALL) --editable '.[test]'
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/product
