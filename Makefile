# SyncBoard. `make help` lists what there is; variables may be given on the command line or in the environment.
.DEFAULT_GOAL := help
.PHONY: run down test check help web chaos quality bench lock clean
VENV := .venv/bin/python
SET_UP := deploy/scripts/set-up.sh
PAGE := deploy/scripts/page.sh
TESTS ?= tests
PROCESSES ?= 2

run: ## Bring what is missing, then run the whole board here until Ctrl-C (PORT=8000 DATA_DIR=data LOGS=1)
	@$(SET_UP) requirements.txt
	@$(PAGE)
	@exec $(VENV) -m backend.cli up --with-parent $(if $(LOGS),--logs)

down: ## Stop the board of this folder from another terminal
	@$(VENV) -m backend.cli down

test: web ## Run all tests, installing what they need, a browser too (TESTS=tests/store for a part, PROCESSES=2)
	@$(SET_UP) requirements-dev.txt
	@$(PAGE) sh -c 'cd .. && exec $(VENV) tests/browser/provision.py'
	@$(PAGE) sh -c 'cd .. && exec $(VENV) -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder $(TESTS)'

check: web ## Lint, formatting, types, the rules of the house, and the page's own checks
	@$(SET_UP) requirements-dev.txt
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .
	$(VENV) -m mypy
	$(VENV) -m pytest tests/test_layers.py tests/test_house.py tests/test_docs.py tests/browser/test_client.py
	$(PAGE) npm run --silent check

help: ## Show this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-8s %s\n' "$$name" "$$text"; done

web: ## Build the page into frontend/dist, if its sources changed
	@$(SET_UP) requirements.txt
	@$(PAGE)

chaos: ## Kill everything that can be killed, for longer than the tests do
	@$(SET_UP) requirements-dev.txt
	@$(PAGE) sh -c 'cd .. && exec $(VENV) -m pytest tests/faults --chaos'

quality: ## Measure reading on the collections beside the project, into build/quality.json (ONLY="web ocr")
	@$(SET_UP) requirements-dev.txt
	@$(VENV) -m tests.quality $(ONLY)

bench: ## Time the board beside yardsticks, into docs/performance.md (ONLY="search")
	@$(SET_UP) requirements-dev.txt
	@$(VENV) -m tests.bench $(ONLY)

lock: ## Pin every dependency of requirements.in and requirements-dev.in anew
	@$(SET_UP) requirements-dev.txt
	@$(VENV) -m pip install -q uv
	@for name in requirements requirements-dev; do \
		$(VENV) -m uv pip compile -q --no-header --no-annotate --universal --python-version 3.11 $$name.in -o $$name.txt || exit 1; \
	done

clean: ## Remove what was installed and built here; the data folder stays
	@rm -rf .venv build frontend/dist frontend/node_modules .test-browser .pytest_cache .mypy_cache .ruff_cache .hypothesis
