# Two commands to know: `make demo` and `make test`. `make lint`, `make bench`, `make migration` are for who changes the code.
.DEFAULT_GOAL := help
PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null || echo .venv/bin/uv)
READY := .venv/.ready

.PHONY: help demo test suite browser lint bench migration lock clean

help:
	@echo "make demo   start the bot and a local Slack workspace; prints one URL (ARGS='--fresh', ARGS='--usage FILE.csv')"
	@echo "make test   run the whole suite"
	@echo "make lint   formatting, types, import contracts"
	@echo "make bench  measure against bare baselines (ARGS='--quick')"
	@echo "make migration  write the next one from what the tables say (ARGS='what changes')"

$(READY): requirements.lock pyproject.toml
	@command -v uv >/dev/null 2>&1 || test -x .venv/bin/uv || { $(PYTHON) -m venv .venv && .venv/bin/pip install --quiet --disable-pip-version-check uv; }
	@test -x .venv/bin/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip install --quiet --python .venv/bin/python --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python .venv/bin/python --no-deps --editable .
	@touch $@

demo: $(READY)
	@.venv/bin/budget-bot demo $(ARGS)

test: suite browser

# Whoever has nothing left to do takes half of what waits for another.
suite: $(READY)
	@.venv/bin/python -m pytest -q -n auto --dist worksteal $(ARGS)

# Its driver keeps an event loop running: it gets a process of its own.
browser: $(READY)
	@.venv/bin/python -m pytest -q tests/browser

lint: $(READY)
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: $(READY)
	@.venv/bin/python -m bench $(ARGS)

migration: $(READY)
	@.venv/bin/python -m storage.write_migration $(ARGS)

lock:
	$(UV) pip compile --quiet --group dev --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header -o requirements.lock pyproject.toml

clean:
	rm -rf .venv .demo
