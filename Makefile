# Each target works first on a fresh clone with Python 3.11+, make and git: what it needs is made before it.
.PHONY: setup demo test pytest postgres lint torture audit bench serve clean

PYTHON ?= python3
PORT ?= 4200
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := cli desk flows sources schemas transforms exports
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

setup: $(VENV)/.made

# Exact versions with hashes first (the lock is whole, so nothing is resolved), then this project itself. It is compiled
# here, because a Python that must not write bytecode would compile it again at every start.
$(VENV)/.made: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --no-deps --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q $(PACKAGES)
	touch $@

# What tests and checks need besides: packages, and an empty database of Prefect's server, which takes as long to make as
# many tests. Without environment and .env, or Prefect would upgrade the database that they name.
$(VENV)/.made-dev: $(VENV)/.made requirements-dev.lock
	$(PIP) --no-deps --require-hashes -r requirements-dev.lock
	cd $(VENV) && env -i PREFECT_HOME="$$PWD/prefect" DO_NOT_TRACK=1 bin/prefect server database upgrade --yes > /dev/null
	touch $@

demo: setup
	$(BIN)/python -m cli.demo

# Style, types and layers beside the tests: each alone would leave a processor idle for a while.
test: $(VENV)/.made-dev
	$(MAKE) --no-print-directory --jobs=2 lint pytest

pytest: $(VENV)/.collected
	$(BIN)/pytest -n auto --no-loadscope-reorder -m "not postgres"

# Collects the tests once before three processes do. pytest rewrites all assertions meanwhile, in as much time as hundreds of
# tests take, and keeps the result where the three find it; a Python told to write no bytecode would not keep it.
$(VENV)/.collected: $(VENV)/.made-dev $(shell find tests -name '*.py')
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest --collect-only > $@.new || { cat $@.new; exit 1; }
	mv $@.new $@

# What needs PostgreSQL: the flows on a server that keeps its data there.
postgres: $(VENV)/.made-dev
	$(BIN)/pytest -m postgres tests/flows/orchestration

lint: $(VENV)/.made-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Kills every command that writes, everywhere, then feeds all readers spoilt input. It takes more than an hour; each test
# run does a small share of it.
torture: $(VENV)/.made-dev
	$(BIN)/python -m tests.torture
	HYPOTHESIS_PROFILE=explore $(BIN)/pytest tests/fuzz

# Known weaknesses of the packages in the lock; it asks the package index for its advisories. Strict: a package that it
# does not know is no good news.
audit: $(VENV)/.made
	$(PYTHON) -m venv $(VENV)/audit
	$(VENV)/audit/bin/pip install --quiet --disable-pip-version-check pip-audit
	$(VENV)/audit/bin/pip-audit --strict --requirement requirements.lock --disable-pip

bench: setup
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.account

serve: setup
	$(BIN)/python deploy/serve.py --port $(PORT)

clean:
	rm -rf $(VENV) .demo
