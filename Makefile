# make matrix    set-up, the whole sweep on the embedded miniature, and the analysis
# make test      set-up, lint, types, tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
DEV_READY := $(VENV)/dev-ready

.PHONY: matrix test slow lint clean

matrix: $(READY)
	$(BIN)/python train.py -m 'source=glob(*)'
	$(BIN)/python analyze.py

test: lint
	$(BIN)/python -m pytest -q

slow: $(DEV_READY)
	$(BIN)/python -m pytest -q -m slow

lint: $(DEV_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	touch $@

$(DEV_READY): $(READY) requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
