# make matrix      set up, run the whole sweep on the embedded miniature, and analyze it
# make test        set up, lint, check types, run the tests
# make slow        tests that take minutes
# make test-slurm  sweeps through a Slurm cluster of one node, installed (Debian) and started here; needs root
# make test-sandbox attacks on the sandbox for code of models, in bubblewrap, installed (Debian) here if it is missing
# make test-linguistic  features of real parses, by spaCy and a model installed (PyPI) here if they are missing
# make test-latex  what is written for papers, compiled by a LaTeX installed (Debian) here if it is missing
# make test-report  report.html in Chromium, installed (Debian) here with Playwright and axe (PyPI) if they are missing
# make chaos       a sweep that is killed 50 times, whose W&B server stops and whose disk is full; needs root
# make bad-inputs  hundreds of bad inputs to the commands; writes docs/bad_inputs.md; some minutes
# make simulation  statistical claims over many draws with known truth; some 24 minutes of one core, in two processes
# make oracle      our numbers against lm-evaluation-harness, Inspect and TRL, in an environment of its own
# make bench       our speed against theirs
# make bench-gpu   our speed on one GPU, against TRL where it is, with the packages of PYTHON; nine minutes, no network
# make docs        write docs/configuration.md, docs/outputs.md and docs/task_library.md from the schemas and conf/
# make check-hub   whether the tasks fit the Hub as it is now (TASKS="rte sst2": these); needs a network
# make lint        style and types
# make clean       remove environments and caches
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
DEV_READY := $(VENV)/dev-ready
LINGUISTIC_READY := $(VENV)/linguistic-ready
REPORT_READY := $(VENV)/report-ready
ORACLE := .venv-oracle
ORACLE_READY := $(ORACLE)/ready

.PHONY: help matrix test slow bad-inputs simulation test-slurm test-sandbox test-linguistic test-latex test-report chaos lint oracle bench bench-gpu docs check-hub clean

help:
	@sed -n 's/^# make/make/p' $(firstword $(MAKEFILE_LIST))

matrix: $(READY)
	$(BIN)/python train.py -m 'source=glob(*)' launcher=parallel
	$(BIN)/python analyze.py

# In the order of the files: the one that xdist chooses leaves those with few, long tests for the end.
test: lint
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

slow: $(DEV_READY)
	$(BIN)/python -m pytest -q -m slow

bad-inputs: $(DEV_READY)
	$(BIN)/python -m tests.bad_inputs --jobs 2 --markdown docs/bad_inputs.md

simulation: $(DEV_READY)
	$(BIN)/python -m pytest -q -m simulation -n 2

test-slurm: $(DEV_READY)
	tests/integration/slurm/cluster.sh $(BIN)/python -m pytest -q -m slurm tests/integration/slurm

# One after the other: a test looks at what is left on the machine.
test-sandbox: $(DEV_READY)
	tests/integration/sandbox/bubblewrap.sh $(BIN)/python -m pytest -q -m sandbox tests/integration/sandbox

test-linguistic: $(LINGUISTIC_READY)
	$(BIN)/python -m pytest -q -m linguistic tests/integration/linguistic

test-latex: $(DEV_READY)
	tests/integration/latex/latex.sh $(BIN)/python -m pytest -q -m latex tests/integration/latex

test-report: $(REPORT_READY)
	tests/integration/report/chromium.sh $(BIN)/python -m pytest -q -m report tests/integration/report

chaos: $(DEV_READY)
	$(BIN)/python -m tests.integration.chaos --kills 50 --stops 10 --fills 1

lint: $(DEV_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

oracle: $(ORACLE_READY)
	HF_HUB_OFFLINE=1 $(ORACLE)/bin/python -m oracle

bench: $(ORACLE_READY)
	$(ORACLE)/bin/python -m benchmarks

bench-gpu:
	PYTHONPATH=src $(PYTHON) -m benchmarks.gpu

docs: $(READY)
	$(BIN)/python -m crosstask.commands.configuration
	$(BIN)/python -m crosstask.commands.outputs
	$(BIN)/python -m crosstask.commands.task_library

check-hub: $(READY)
	$(BIN)/python -m crosstask.commands.check_hub $(TASKS)

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	touch $@

$(DEV_READY): $(READY) requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	touch $@

$(LINGUISTIC_READY): $(DEV_READY) requirements-linguistic.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-linguistic.txt
	touch $@

$(REPORT_READY): $(DEV_READY) requirements-report.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-report.txt
	touch $@

$(ORACLE_READY): requirements.txt requirements-oracle.txt pyproject.toml
	$(PYTHON) -m venv $(ORACLE)
	$(ORACLE)/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements-oracle.txt
	touch $@

clean:
	rm -rf $(VENV) $(ORACLE) .mypy_cache .pytest_cache .ruff_cache
