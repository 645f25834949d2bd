# `make` alone tells what there is to make.

ifndef PYTHON
PYTHON := $(shell for name in python3.11 python3 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo $$name && break; done)
endif
PYTHON_VERSION = $(shell $(or $(PYTHON),false) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)

# Exact versions, in the environments that build packages as well.
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test check format notebooks benchmark

help:
	@echo "make run        train on parity once, recorded in runs/ (ARGS='hidden=32 seed=1' changes its config)"
	@echo "make test       all tests, a real MongoDB included"
	@echo "make check      what to run before a commit: ruff, mypy, the quick tests"
	@echo "make notebooks  open the notebooks that compare runs"
	@echo "make benchmark  speed against peers, which takes three hours"
	@echo "make format     let ruff format the sources"
	@echo "Each makes .venv first, with everything in it, if there is none."

ARGS ?= hidden=64
run: .venv/installed
	@.venv/bin/python experiments/parity.py with $(ARGS)

test: .venv/installed
	@.venv/bin/python -m pytest

check: .venv/installed
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/python -m mypy
	@.venv/bin/python -m pytest -m "not slow"

notebooks: .venv/installed
	@.venv/bin/python -m jupyterlab analysis

benchmark: .venv/installed
	@.venv/bin/python -m pip install --quiet --editable ".[dev,deploy,benchmark]"
	@.venv/bin/python -m tests.benchmarks.throughput
	@.venv/bin/python -m tests.benchmarks.whole_run
	@.venv/bin/python -m tests.benchmarks.sweep_rate
	@.venv/bin/python -m tests.benchmarks.recording_cost
	@.venv/bin/python -m tests.benchmarks.pipeline
	@.venv/bin/python -m tests.benchmarks.number_words
	@.venv/bin/python -m tests.benchmarks.lstm

format: .venv/installed
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

.venv/installed: constraints.txt pyproject.toml
	$(if $(filter 3.11,$(PYTHON_VERSION)),,$(error Zahlwort needs Python 3.11, and $(or $(PYTHON),python3) is another; try: PYTHON=python3.11 make $(MAKECMDGOALS)))
	@echo "Making .venv; this takes a few minutes, once."
	@$(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet "setuptools<81"
	@.venv/bin/python -m pip install --quiet --editable ".[dev,deploy]"
	@touch $@
