# Everything a stranger needs: make demo, make test. Everything a developer needs besides: make check, bench, messages, lock.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BASE := $(VENV)/.installed-base
DEV := $(VENV)/.installed-dev
PRODUCTION_LIKE = CASEBOOK_ENV_FILE= CASEBOOK_DEMO=no CASEBOOK_ALLOWED_HOSTS=casebook.example \
	CASEBOOK_SECRET_KEY=$$($(SECRET)) CASEBOOK_LEDGER_KEY=$$($(SECRET)) CASEBOOK_SECOND_FACTOR_KEY=$$($(SECRET))
SECRET = $(PYTHON) -c 'import base64,os; print(base64.b64encode(os.urandom(48)).decode())'
PYTEST_ARGS ?= -n 2

.PHONY: demo test check bench clean messages lock protections screenshots needs

demo: $(BASE)
	@$(BIN)/python -m casebook.demo.environment
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py load_reference
	@$(BIN)/python manage.py load_demo
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0
ifneq ($(SERVE),no)
	@echo "Serving on http://127.0.0.1:8000 (stop with Ctrl+C)"
	@$(BIN)/gunicorn --config casebook/gunicorn.py casebook.wsgi
endif

test: $(DEV)
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=casebook.settings_test $(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION_LIKE) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python -m casebook.translations --check

bench: $(DEV)
	$(BIN)/python -m benchmarks

protections: $(DEV)
	$(BIN)/python -m tests.protections

screenshots: $(DEV)
	$(BIN)/python -m tests.browser.screenshots docs/screenshots

messages: $(DEV)
	$(BIN)/python -m casebook.translations --update

lock: $(DEV)
	for name in base dev; do $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --upgrade requirements/$$name.in -o requirements/$$name.txt; done

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

needs:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing. Install it: sudo apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Casebook needs Python 3.11 or newer; this is $$($(PYTHON) --version). Say which one to use: make demo PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "Python's venv module is missing. Install it: sudo apt-get install python3-venv"; exit 1; }

$(BIN)/python: | needs
	$(PYTHON) -m venv $(VENV)

$(BASE): requirements/base.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	@touch $@

$(DEV): requirements/dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@ $(BASE)
