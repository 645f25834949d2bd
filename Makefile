# `make` lists the targets.

ifndef PYTHON
PYTHON := $(shell for name in python3.11 python3 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo $$name && break; done)
endif
PYTHON_VERSION = $(shell $(or $(PYTHON),false) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)

# Exact versions, also in the environments in which pip builds packages.
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test test-cluster lint check format notebooks benchmark environment

help:
	@echo "make run           train on parity once and record the run in runs/ (ARGS='hidden=32 seed=1' changes its config)"
	@echo "make test          run all tests but those on a real Slurm, with a real MongoDB"
	@echo "make test-cluster  run the tests on a real Slurm; as root on Debian, install it first if it is missing"
	@echo "make lint          run ruff, mypy, and the check of the order of imports"
	@echo "make check         run before a commit: make lint, and the quick tests"
	@echo "make notebooks     open the notebooks that compare runs"
	@echo "make benchmark     measure speed against peers; takes three hours"
	@echo "make format        format the sources with ruff"
	@echo "Each target creates .venv first if it is missing, and mends it after a move of the project."

ARGS ?= hidden=64 seed=0
run: environment
	@.venv/bin/python experiments/parity.py with $(ARGS)

# A file of tests stays in one worker, one worker a processor.
PYTEST = .venv/bin/python -m pytest --numprocesses logical --dist loadfile --no-loadscope-reorder

test: environment
	@$(PYTEST) --ignore tests/cluster

HAVE_SLURM = (PATH="$$PATH:/usr/sbin"; command -v slurmctld && command -v munged) > /dev/null

test-cluster: environment
	@$(HAVE_SLURM) || [ "$$(id -u)" != 0 ] || ! command -v apt-get > /dev/null || \
		{ apt-get update && apt-get install --yes --no-install-recommends slurm-wlm munge; } > /dev/null
	@$(HAVE_SLURM) || { echo "These tests need Slurm and munge: sudo apt-get install slurm-wlm munge" >&2; exit 1; }
	@$(PYTEST) tests/cluster

lint: environment
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/python -m mypy
	@.venv/bin/lint-imports > /dev/null || .venv/bin/lint-imports

check: lint
	@$(PYTEST) -m "not slow"

notebooks: environment
	@.venv/bin/python -m jupyterlab analysis

benchmark: environment
	@.venv/bin/python -m pip install --quiet --editable ".[dev,deploy,cluster,search,benchmark]"
	@.venv/bin/python -m tests.benchmarks.throughput
	@.venv/bin/python -m tests.benchmarks.whole_run
	@.venv/bin/python -m tests.benchmarks.sweep_rate
	@.venv/bin/python -m tests.benchmarks.cluster_overhead
	@.venv/bin/python -m tests.benchmarks.search
	@.venv/bin/python -m tests.benchmarks.recording_cost
	@.venv/bin/python -m tests.benchmarks.flush_cost
	@.venv/bin/python -m tests.benchmarks.run_end
	@.venv/bin/python -m tests.benchmarks.reading
	@.venv/bin/python -m tests.benchmarks.many_runs
	@.venv/bin/python -m tests.benchmarks.ten_thousand
	@.venv/bin/python -m tests.benchmarks.pipeline
	@.venv/bin/python -m tests.benchmarks.number_words
	@.venv/bin/python -m tests.benchmarks.lstm

format: environment
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

define WRONG_PYTHON
Zahlwort needs Python 3.11, but $(or $(PYTHON),python3) is another version. One of these installs it:
  uv python install 3.11
  conda create --name python3.11 python=3.11
  sudo add-apt-repository ppa:deadsnakes/ppa && sudo apt install python3.11-venv    (Ubuntu)
Then: PYTHON=python3.11 make $(MAKECMDGOALS)    (or the path of that Python)
endef

# Of what pip says, shows the large files and the stages; installing takes as long as the downloads.
PROGRESS := sed --unbuffered --quiet --regexp-extended \
	-e 's/^ *(Downloading|Using cached) ([^ ]*)-[0-9][^ ]*( .*MB\))/  \2\3/p' \
	-e 's/^Installing collected packages.*/  all downloaded; installing, which takes a minute or two/p'

.venv/installed: SHELL := bash -o pipefail
.venv/installed: constraints.txt pyproject.toml
	$(if $(filter 3.11,$(PYTHON_VERSION)),,$(error $(WRONG_PYTHON)))
	@echo "Creating .venv, once; it downloads these packages, and others below 1 MB:"
	@$(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet "setuptools<81"
	@.venv/bin/python -m pip install --progress-bar off --editable ".[dev,deploy,cluster,search]" | $(PROGRESS)
	@echo "$(CURDIR)" > .venv/place
	@touch $@

# pip writes the path of Python into each script of .venv; this lets a script find the Python beside it.
define NAME_PYTHON
1s|^#!.*/[.]venv/bin/(python[0-9.]*)$$|#!/bin/sh\n'''exec' "$$(dirname -- "$$(realpath -- "$$0")")/\1" "$$0" "$$@"\n' '''|
2s|^'''exec' .*/[.]venv/bin/(python[0-9.]*)"? "\$$0"|'''exec' "$$(dirname -- "$$(realpath -- "$$0")")/\1" "$$0"|
endef
export NAME_PYTHON

# After a move or a copy of the project, .venv still names the old place: activate, its scripts and what it installs.
environment: .venv/installed
	@[ "$$(cat .venv/place 2> /dev/null)" = "$(CURDIR)" ] || { \
		echo "The project has moved; .venv follows it." && \
		.venv/bin/python -m venv --without-pip .venv && \
		find .venv/bin -type f -exec grep -Iq . {} \; -exec sed -i -E "$$NAME_PYTHON" {} + && \
		.venv/bin/python -m pip install --quiet --no-index --no-deps --no-build-isolation --editable . && \
		echo "$(CURDIR)" > .venv/place; }
