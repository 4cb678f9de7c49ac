# Margin. Plain `make` prints this manual.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
AUDIT_BIN := var/audit/bin
AUDIT := var/audit/.installed
PEERS_BIN := var/peers/bin
PEERS := var/peers/.installed
SCHEMATHESIS := var/schemathesis/.installed
LABEL_STUDIO := var/peers-label-studio
export PYTHONUNBUFFERED := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Tests and the demo start many processes: each would compile every module anew where bytecode is not kept.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help
help: ## print this manual
	@echo "Margin: human preferences for reward models."
	@echo
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9_-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "DATABASE_URL, REDIS_URL: use these servers instead of the embedded ones. PORT: the web port. Data lies in var/."

##@ Use it
.PHONY: demo
demo: $(STAMP) ## run the whole way of a comparison in small, then say what came of it
	@$(BIN)/python manage.py demo

.PHONY: round
round: $(STAMP) ## one turn of the loop on the demo's data: reward models, the next variant, whether it wins
	@$(BIN)/python manage.py round

.PHONY: serve
serve: $(STAMP) ## start web, worker and scheduler on the demo's data
	@$(BIN)/python manage.py serve

.PHONY: stop
stop: ## end what was started
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m webapp.stop; else echo "Nothing was running."; fi

##@ Work on it
.PHONY: test
test: $(STAMP) browser check ## every check and every test, on real services
	@# Four on two cores: a test waits for browsers, brokers and disks about half of its time.
	@$(BIN)/python -m pytest -n 4 --dist worksteal $(ARGS)

.PHONY: check
check: $(STAMP) ## lint, types, import contracts, migration drift, generated docs, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -n 2 .
	$(BIN)/lint-imports
	$(BIN)/bandit -q -c pyproject.toml -r preferences annotation workers exports webapp manage.py
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py state_diagrams --check
	$(BIN)/python manage.py permissions --check
	$(BIN)/python manage.py messages --check

.PHONY: audit
audit: $(AUDIT) ## look up known vulnerabilities of the locked packages; asks pypi.org, so that it needs the internet
	@$(AUDIT_BIN)/pip-audit --requirement requirements.lock --disable-pip --no-deps --strict \
	|| { echo "pip-audit found something, or could not ask pypi.org about every package: its lines above say which."; exit 1; }

.PHONY: fix
fix: $(STAMP) ## format, mend what the linter can, regenerate docs and message catalogues
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python manage.py state_diagrams
	$(BIN)/python manage.py permissions
	$(BIN)/python manage.py messages

.PHONY: bench
bench: $(STAMP) browser ## measure the annotator's pages beside 10,000 and 100,000 comparisons (bench/README.md)
	@$(BIN)/python manage.py bench --settings bench.settings $(ARGS)
	@$(BIN)/python manage.py claims --settings bench.settings
	@$(BIN)/python manage.py overhead --settings bench.settings
	@$(BIN)/python manage.py kills --settings bench.settings

.PHONY: kills
kills: $(STAMP) ## kill the sampling worker 20 times over 500 requests and count the pairs (bench/README.md)
	@$(BIN)/python manage.py kills --settings bench.settings $(ARGS)

.PHONY: overhead
overhead: $(STAMP) ## measure what the queue of requests costs beside the engine (bench/README.md)
	@$(BIN)/python manage.py overhead --settings bench.settings $(ARGS)

.PHONY: alerts
alerts: ## try by what each alert is raised and by what not; wants promtool, which comes with Prometheus
	@command -v promtool > /dev/null || { echo "promtool is not here: it comes with Prometheus, and is in its image."; exit 1; }
	@cd ops/prometheus && promtool check rules alerts.yml && promtool test rules alerts_test.yml

.PHONY: guards
guards: $(STAMP) ## take each guard of SECURITY.md away in turn and show that a test misses it (bench/README.md)
	@$(BIN)/python -m bench.guards $(ARGS)

.PHONY: load
load: $(STAMP) ## 64 annotators at once on 2,000 comparisons while processes are killed (bench/README.md)
	@$(BIN)/python manage.py load --settings bench.settings $(ARGS)

.PHONY: chaos
chaos: $(STAMP) ## kill every process at random and restart PostgreSQL while people work, ten minutes (bench/README.md)
	@$(BIN)/python manage.py chaos --settings bench.settings $(ARGS)

.PHONY: migrating
migrating: $(STAMP) ## apply the last migrations to 100,000 comparisons while rows are written (bench/README.md)
	@$(BIN)/python manage.py migrating --settings bench.settings $(ARGS)

.PHONY: costs
costs: $(STAMP) ## measure what a request costs the processors and PostgreSQL's log (docs/scaling.md)
	@$(BIN)/python manage.py costs --settings bench.settings $(ARGS)

.PHONY: signals
signals: $(STAMP) ## measure how well the signals of quality tell simulated people apart (bench/README.md)
	@$(BIN)/python manage.py signals --settings bench.settings $(ARGS)

.PHONY: ratings
ratings: $(STAMP) ## measure the agreement command on a CSV file of ten million ratings (bench/README.md)
	@$(BIN)/python manage.py ratings --settings bench.settings $(ARGS)

.PHONY: agreement-bench
agreement-bench: $(STAMP) $(PEERS) ## time agreement over a million units beside irrCAC (bench/README.md)
	@$(BIN)/python -m bench.agreement_speed $(PEERS_BIN)/python

.PHONY: coverage
coverage: $(STAMP) ## simulate how often the intervals hold the truth (docs/statistics.md)
	@$(BIN)/python -m bench.coverage

.PHONY: temperatures
temperatures: $(STAMP) ## simulate how well a sweep finds the best temperature (docs/temperatures.md)
	@$(BIN)/python -m bench.temperatures

.PHONY: golden
golden: $(PEERS) ## ask other software about the tables of the golden tests anew
	@$(PEERS_BIN)/python tests/preferences/stats/golden/make.py

.PHONY: replica
replica: $(STAMP) ## the paper's studies with known true rates, and what the reports find (bench/README.md)
	@$(BIN)/python manage.py replica --settings bench.settings $(ARGS)

.PHONY: dashboard
dashboard: $(STAMP) ## measure the agreement page beside 1.4 million comparisons of three judgments (bench/README.md)
	@$(BIN)/python manage.py dashboard --settings bench.settings $(ARGS)

.PHONY: exports-bench
exports-bench: $(STAMP) ## export half a million comparisons beside PostgreSQL's binary COPY (bench/README.md)
	@$(BIN)/python manage.py exports --settings bench.settings $(ARGS)

.PHONY: cycles
cycles: $(STAMP) ## claim and submit over HTTP by 1, 8 and 32 at once, beside Label Studio and bare Django (bench/README.md)
	@$(BIN)/python manage.py cycles --settings bench.settings $(ARGS)

.PHONY: label-studio
label-studio: $(LABEL_STUDIO)/.installed ## install Label Studio, which exports-bench and cycles measure beside (15 minutes, 2 GB)

.PHONY: table26
table26: $(STAMP) ## replay the paper's fourteen batches through seal, statistics and export (bench/README.md)
	@$(BIN)/python manage.py table26 --settings bench.settings $(ARGS)

.PHONY: sealing-bench
sealing-bench: $(STAMP) ## seal a quarter of a million comparisons while annotators work (bench/README.md)
	@$(BIN)/python manage.py sealing --settings bench.settings $(ARGS)

.PHONY: sampling
sampling: $(STAMP) ## measure tokens a second one by one and in batches (bench/README.md)
	@$(BIN)/python -m bench.sampling $(ARGS)

.PHONY: schemathesis
schemathesis: $(STAMP) $(SCHEMATHESIS) ## ask the API all that its schema describes, as each kind of person (bench/README.md)
	@$(BIN)/python manage.py schemathesis --settings bench.settings --st var/schemathesis/bin/st $(ARGS)

.PHONY: screenshots
screenshots: $(STAMP) browser ## take the pictures of the documentation anew
	@SCREENSHOTS=1 $(BIN)/python -m pytest tests/browser -q

.PHONY: install
install: $(STAMP) ## make the virtual environment from the lock file

.PHONY: browser
browser: # Chromium from the system's packages, where this user may install them; the browser tests say so where not
	@bash bin/chromium.sh

.PHONY: lock
lock: ## resolve the dependencies of pyproject.toml anew into requirements.lock
	@bash bin/lock.sh "$(PYTHON)"

.PHONY: clean
clean: stop ## end everything and remove the data and the virtual environment
	rm -rf var $(VENV)

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Margin needs Python 3.11 or later; name one: make PYTHON=/path/to/python3.11")'
	@echo "Making the virtual environment (some minutes the first time) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@echo "  torch ..." && $(BIN)/python -m pip install --quiet torch==2.13.0
	@echo "  everything else ..." && $(BIN)/python -m pip install --quiet -r requirements.lock
	@touch $@

$(AUDIT): # beside Margin's own environment, whose packages it looks up
	@$(PYTHON) -m venv var/audit
	@$(AUDIT_BIN)/python -m pip install --quiet pip-audit==2.10.1
	@touch $@

$(PEERS): # statistics software that needs older libraries than Margin
	@echo "Making an environment for irrCAC, krippendorff and statsmodels ..."
	@$(PYTHON) -m venv var/peers
	@$(PEERS_BIN)/python -m pip install --quiet irrCAC==0.4.4 krippendorff==0.9.0 statsmodels==0.15.0
	@touch $@

$(LABEL_STUDIO)/.installed: # where it cannot be, it is said and the measurements go on without it
	@echo "Making an environment for Label Studio (a quarter of an hour) ..."
	@$(PYTHON) -m venv $(LABEL_STUDIO)
	@if $(LABEL_STUDIO)/bin/python -m pip install --quiet label-studio==1.23.2 gunicorn; then touch $@; \
	  else echo "Label Studio could not be installed; the measurements will stand without it."; fi

$(SCHEMATHESIS): # with libraries of its own
	@echo "Making an environment for schemathesis ..."
	@$(PYTHON) -m venv var/schemathesis
	@var/schemathesis/bin/python -m pip install --quiet schemathesis==4.32.5
	@touch $@
