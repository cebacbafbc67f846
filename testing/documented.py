"""The commands that README, CONTRIBUTING and docs tell people to type."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs/operating").glob("*.md")),
]

# These serve the app, until they are interrupted.
SERVING = {
    "python3 start.py",
    "python3 start.py --host 0.0.0.0 --port 8501 --no-browser",
    ".venv/bin/streamlit run app.py",
    "just run",
    "digitlab --host 0.0.0.0",
    "digitlab --host 0.0.0.0 --port 8501 --no-browser",
    "lab/bin/digitlab",
}
# These are not run here, and why.
LEFT_OUT = {
    "python start.py": "the same as python3 start.py, on Windows",
    "docker build --tag digitlab .": "needs a container engine",
    "docker run --init --publish 8501:8501 --volume digitlab:/data digitlab": "needs a container engine",
    "docker compose up --detach": "needs a container engine",
    "docker compose restart nginx": "the same",
    "docker stack config": "tests/unit/test_deploying.py",
    "digitlab scheduler --host 127.0.0.1": "tests/integration/test_cluster.py has both",
    "digitlab worker --scheduler tcp://127.0.0.1:8786 --workers 2 --threads 2": "the same",
    "digitlab scheduler --tls": "the same",
    ".ci/run": "whoever lands a change runs it, and CI",
    "python3 start.py test": "all tests: .ci/run runs it",
    "just test": "the same",
    "pytest -n 0": "the same",
    "pytest -p no:rerunfailures": "the same",
    "just trials": "this is one of them",
    "digitlab data status": "tests/integration/test_care.py tries it",
    "digitlab data backup FILE": "the same",
    "digitlab data restore FILE": "the same",
    "digitlab data restore digitlab.revision-NUMBER-DATE.db": "test_older_databases.py",
    "digitlab data check": "the same",
    "digitlab data compact": "the same",
    "digitlab data purge --days 30": "the same",
    "digitlab capacity --pupils 30 --epochs 5": "it measures for half a minute; test_capacity.py tries it",
    "just audit": "needs the advisories of PyPI, which not every network reaches",
    "python -m model.training.make_starter": "it takes long; whoever changes the starter runs it",
    "python -m model.training.make_recording": "whoever changes the lesson's network runs it",
}

# These change the machine: typed by hand, on Debian 12.
OF_THE_MACHINE = ("sudo ", "curl --fail --retry")

# A block is indented by four spaces; one that begins so is the tree of the repository.
_TREE = "app.py  pages/*.py"
_PICTURE = re.compile(r"^```\w*$.*?^```$", re.MULTILINE | re.DOTALL)
_IN_A_SENTENCE = re.compile(r"`((?:\.ci/run|(?:python3? |just |pytest |digitlab |docker |pip )[^`]+))`")


def commands(document: Path) -> list[str]:
    """Each line of a block of commands, and each command in a sentence or a table, once."""
    text = _PICTURE.sub("", document.read_text(encoding="utf-8"))
    lines = [line for block in _blocks(text) if not block[0].startswith(_TREE) for line in block]
    return list(dict.fromkeys([*lines, *_IN_A_SENTENCE.findall(text)]))


def _blocks(text: str) -> Iterator[list[str]]:
    for match in re.finditer(r"(?:^    \S.*\n(?:^ {4}.*\n)*)", text, re.MULTILINE):
        yield [line.removeprefix("    ") for line in match[0].splitlines()]


# In the order of the documents: what one installs, the next ones use.
ALL = list(dict.fromkeys(command for document in DOCUMENTS for command in commands(document)))
# A trial types these.
TRIED = [command for command in ALL if command not in LEFT_OUT and not command.startswith(OF_THE_MACHINE)]
