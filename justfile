# The tasks of a developer. `python3 start.py setup` installs what they need, `just` among it, into .venv.

set windows-shell := ["powershell.exe", "-NoLogo", "-Command"]

tools := justfile_directory() / ".venv" / if os_family() == "windows" { "Scripts" } else { "bin" }
export PATH := tools + (if os_family() == "windows" { ";" } else { ":" }) + env("PATH")

# List the tasks
default:
    @just --list --unsorted

# Install everything, or bring it up to date
setup:
    python start.py setup

# Serve the app
run *arguments:
    python -m digitlab {{ arguments }}

# Run the tests, or those that are named: just test tests/unit/test_slices.py
test *arguments:
    pytest {{ arguments }}

# Run what takes longer: killed workers, limited memory, a newcomer's first commands
trials *arguments="tests/trials":
    pytest -n 0 {{ arguments }}

# Check style, and that every import has its requirement
lint:
    ruff check .
    ruff format --check .
    deno fmt --check ui benchmarks deno.json
    deno lint ui
    deptry . --config deptry.toml

# Check types, those of the JavaScript too
types:
    mypy
    deno check ui benchmarks

# Fix style
format:
    ruff check --fix .
    ruff format .
    deno fmt ui benchmarks deno.json

# Collect the texts for translators, after a change of texts
messages:
    pybabel -q extract -F babel.cfg -k _ -k N_ -k plural:1,2 --no-default-keywords --add-location=file --sort-by-file --project "Digit Lab" -o ui/locales/digitlab.pot .

# Bring every translation up to date with them; once there is one
translations: messages
    pybabel -q update -i ui/locales/digitlab.pot -d ui/locales -D digitlab
    pybabel -q compile -d ui/locales -D digitlab

# Retake the README's pictures
screenshots:
    python -m testing.screenshots

# Measure: just bench training --json
bench name *arguments:
    python -m benchmarks.{{ name }} {{ arguments }}

# Write the lock files after a change of the requirements
lock:
    uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements.txt -o requirements.lock
    uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements.txt requirements-cluster.txt -c requirements.lock -o requirements-cluster.lock
    uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements-dev.txt -c requirements-cluster.lock -o requirements-dev.lock

# Check what is installed for known vulnerabilities
audit:
    pip-audit --requirement requirements-dev.lock --disable-pip --require-hashes

# Run the unit tests on the newest Python that TensorFlow has packages for
newest-python:
    uv run --isolated --no-project --python 3.13 --with-requirements requirements-dev.lock pytest tests/unit tests/test_architecture.py

# Put everything that an installation without internet needs into the folder wheelhouse
wheelhouse:
    pip wheel --quiet --wheel-dir wheelhouse .
