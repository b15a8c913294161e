PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup demo test test-models lint bench bench-engines soak quality fault-table wheel clean

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[qwen]'
	touch $@

$(VENV)/.developer: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[qwen,dev]'
	touch $@

demo: setup
	$(BIN)/python -m tests.demo

test: $(VENV)/.developer
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder -m 'not models and not alone'
	$(BIN)/python -m pytest -m 'alone and not models'

test-models: $(VENV)/.developer
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m models

lint: $(VENV)/.developer
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m tests.link_tree build/mypy
	$(BIN)/mypy -p claude_narrator
	$(BIN)/lint-imports

bench: $(VENV)/.developer
	$(BIN)/python -m tests.bench

bench-engines: $(VENV)/.developer
	$(BIN)/python -m tests.bench.engines

soak: $(VENV)/.developer
	$(BIN)/python -m tests.bench.soak

quality: $(VENV)/.developer
	$(BIN)/python -m tests.bench.quality

fault-table: $(VENV)/.developer
	$(BIN)/python -m tests.models.fault_table --write docs/engines.md

wheel: $(VENV)/.developer
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean:
	rm -rf $(VENV) build dist demo-output *.egg-info
