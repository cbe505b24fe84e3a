# make demo | test | check | fix | bench — each does its own set-up; Python 3.11+, pip and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO ?=

.PHONY: demo test check fix bench clean

$(VENV)/runtime: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing OpenACO into $(VENV) …"
	@$(BIN)/pip install -qq --disable-pip-version-check --editable .
	@touch $@

$(VENV)/developer: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing OpenACO and its test tools into $(VENV) …"
	@$(BIN)/pip install -qq --disable-pip-version-check --editable ".[dev]"
	@touch $@ $(VENV)/runtime

demo: $(VENV)/runtime
	@$(BIN)/openaco demo $(DEMO)

test: $(VENV)/developer
	$(BIN)/pytest --numprocesses 2 --dist loadscope $(TESTS)

check: $(VENV)/developer
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/developer
	$(BIN)/ruff check --fix src tests benchmarks
	$(BIN)/ruff format src tests benchmarks
	$(BIN)/python docs/generate.py

bench: $(VENV)/developer
	$(BIN)/python -m benchmarks.run $(BENCH)

clean:
	rm -rf $(VENV) demo benchmarks/work
