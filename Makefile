# make matrix    set-up, the whole sweep on the embedded miniature, and the analysis
# make test      set-up, lint, types, tests
# make oracle    our numbers against lm-evaluation-harness and TRL, in an environment of its own
# make test-slurm   sweeps through a Slurm cluster of one node, which it installs (Debian) and starts; needs root
# make simulation   statistical claims over hundreds of draws with known truth; 10 minutes on one core
# make chaos     a sweep that is killed 50 times, whose W&B server goes away and whose disk is full; needs root
# make bench     our speed against theirs
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
DEV_READY := $(VENV)/dev-ready
ORACLE := .venv-oracle
ORACLE_READY := $(ORACLE)/ready

.PHONY: matrix test slow simulation test-slurm chaos lint oracle bench clean

matrix: $(READY)
	$(BIN)/python train.py -m 'source=glob(*)'
	$(BIN)/python analyze.py

test: lint
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

slow: $(DEV_READY)
	$(BIN)/python -m pytest -q -m slow

simulation: $(DEV_READY)
	$(BIN)/python -m pytest -q -m simulation

test-slurm: $(DEV_READY)
	tests/integration/slurm/cluster.sh $(BIN)/python -m pytest -q -m slurm tests/integration/slurm

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

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	touch $@

$(DEV_READY): $(READY) requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	touch $@

$(ORACLE_READY): requirements.txt requirements-oracle.txt pyproject.toml
	$(PYTHON) -m venv $(ORACLE)
	$(ORACLE)/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements-oracle.txt
	touch $@

clean:
	rm -rf $(VENV) $(ORACLE) .mypy_cache .pytest_cache .ruff_cache
