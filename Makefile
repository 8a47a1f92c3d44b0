# Two commands on a fresh machine: `make sample` builds the sample corpus, `make test` runs the tests.
PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: chaos fuzz sample test lint types flink-sample clean

$(VENV)/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --require-hashes --no-deps --requirement requirements.lock
	$(VENV)/bin/pip install --quiet --no-deps --editable .
	touch $@

sample: $(VENV)/ready
	$(VENV)/bin/proofpile build manifests/sample.yaml --output corpus --workers $(WORKERS)

# Compiled kernels leave no lines to count: their own tests run uncompiled first, where Python checks every index too.
COVERED = --cov=manifests --cov=filters --cov=dedup --cov=pipelines
PARALLEL = --numprocesses $(WORKERS) --dist loadfile
test: $(VENV)/ready
	NUMBA_DISABLE_JIT=1 $(VENV)/bin/python -m pytest $(PARALLEL) -m "kernel and not compiled" $(COVERED) --cov-report= tests/dedup tests/filters tests/pipelines/extraction tests/pipelines/shards
	$(VENV)/bin/python -m pytest $(PARALLEL) $(COVERED) --cov-append --cov-report=term:skip-covered

# Random damages, kills and stops against whole builds: `make chaos SEED=7 MINUTES=60`.
SEED ?= 1
MINUTES ?= 5
chaos: $(VENV)/ready
	$(VENV)/bin/python -m tests.chaos --seed $(SEED) --minutes $(MINUTES) --workers $(WORKERS)

# Every parser on broken input, with bounds checks of the compiled kernels: `make fuzz SEED=7 MINUTES=60`.
fuzz: $(VENV)/ready
	NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=$(VENV)/checked-kernels $(VENV)/bin/python -m tests.fuzz --seed $(SEED) --minutes $(MINUTES)

lint: $(VENV)/ready
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(VENV)/ready
	$(VENV)/bin/mypy

# The same bytes on a real Flink: its local master, then a cluster of two task managers on 127.0.0.1.
flink-sample: $(VENV)/ready
	$(VENV)/bin/python -m pipelines.engine.flink install
	$(VENV)/bin/python -m tests.flink_sample --workers $(WORKERS)

clean:
	rm -rf $(VENV) corpus
