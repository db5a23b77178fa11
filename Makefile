# Everything a person or a machine does with this checkout. `make help` lists it.
SHELL := /bin/sh
PY := .venv/bin/python
export PYTHONUNBUFFERED := 1
# Bytecode must be written, or every start compiles all libraries again.
unexport PYTHONDONTWRITEBYTECODE

UV_LOCK = UV_NO_CONFIG=1 .venv/bin/uv pip compile -q --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock"

.PHONY: help setup system demo test check fix lock bench soak sandbox

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

setup: ## make .venv with everything pinned; apt-installs what that needs
	@sh deploy/setup.sh python

system: ## install monerod, PostgreSQL, node (apt) and anvil, bcoin (hashed npm pins), unless they are there
	@sh deploy/setup.sh system

demo: system setup ## pay a queue of refunds on a real regtest node, killed and restarted on the way
	@$(PY) -m deploy.demo

test: system setup ## every test, real nodes included; ARGS="-k name" narrows it
	@$(PY) -m pytest -n 3 --dist loadgroup $(ARGS)

check: setup ## formatting, lint, types, import rules, pins without host names
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	@! grep -rnE 'https?://|--(extra-)?index-url|--find-links' requirements \
		|| { echo "requirements/ must name no host: run make lock" >&2; exit 1; }
	@! grep -n '"resolved"' deploy/sandbox/package-lock.json \
		|| { echo "deploy/sandbox/package-lock.json must name no host: run make lock" >&2; exit 1; }

fix: setup ## format, and mend what ruff can mend
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

lock: setup ## choose versions and hashes anew within pyproject.toml; ARGS=-U takes the newest
	$(UV_LOCK) $(ARGS) pyproject.toml -o requirements/run.txt
	$(UV_LOCK) $(ARGS) pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
	printf 'setuptools\nwheel\nhatchling\neditables\n' | $(UV_LOCK) $(ARGS) - -o requirements/build.txt
	printf 'uv\n' | $(UV_LOCK) $(ARGS) - -o requirements/uv.txt
	npm install --prefix deploy/sandbox --package-lock-only

bench: system setup ## the table of ratios against a naive client, on a real node
	@$(PY) tests/bench/run.py $(ARGS)

soak: setup ## simulated lives without end; ARGS="--lives 20000 --seed 7"
	@$(PY) tests/scenarios/soak.py $(ARGS)

sandbox: system setup ## a real regtest network and rate server to try the product on; ARGS=--swaps adds a swap processor
	@$(PY) -m deploy.sandbox start $(ARGS)
