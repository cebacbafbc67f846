"""What every worker says of itself, and which workers an engine uses: those that compute the same bits."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from model.version import VERSION

# By this name in what the scheduler knows of a worker.
FIELD = "digitlab"
# What an engine calls to let a worker say why it gets no slices.
REFUSED = "digitlab_refused"


@dataclass(frozen=True)
class Identity:
    """``fingerprint`` is ``runs.fingerprint``'s of the worker, ``xla`` what compiles its programs, ``speed``
    what ``model.worker.warm_up`` measured."""

    fingerprint: str
    xla: bool
    speed: float
    version: str = VERSION

    @property
    def resource(self) -> str:
        """What Dask calls it to be such a worker; the scheduler sends a slice only to who has it."""
        same = json.dumps([self.fingerprint, self.xla, self.version])
        return f"digitlab-{hashlib.sha256(same.encode()).hexdigest()[:16]}"

    def as_values(self) -> dict[str, Any]:
        """As plain values; ``read`` reads them."""
        return asdict(self)

    def differences(self, other: "Identity") -> str:
        """What is not as with ``other``, or nothing."""
        own, its = self._named(), other._named()
        return ", ".join(
            f"{name} is {own.get(name)} instead of {its.get(name)}"
            for name in sorted(own.keys() | its.keys())
            if own.get(name) != its.get(name)
        )

    def _named(self) -> dict[str, str]:
        named = {"Digit Lab": self.version, "XLA": "on" if self.xla else "off"}
        for name, value in json.loads(self.fingerprint).items():
            named |= value if isinstance(value, dict) else {name: str(value)}
        return named


def read(worker: Mapping[str, Any]) -> Identity | None:
    """Of a worker as the scheduler describes it; ``None`` where it is not one of ours."""
    try:
        return Identity(**worker[FIELD])
    except (KeyError, TypeError):
        return None


def reference(workers: Mapping[str, Identity | None]) -> Identity | None:
    """Whom the others have to equal: what most of this version are."""
    own = [identity for identity in workers.values() if identity and identity.version == VERSION]
    counts = Counter(identity.resource for identity in own)
    # Of equally many the same one for every web server.
    return max(own, key=lambda identity: (counts[identity.resource], identity.resource), default=None)


def why_not(identity: Identity | None, wanted: Identity | None) -> str | None:
    """Why a worker gets no slices, or ``None`` where it does."""
    if identity is None:
        return "This worker is not used: it has to be started with the command digitlab worker."
    if identity.version != VERSION:
        return f"This worker is not used: it is of Digit Lab {identity.version}, the web server of {VERSION}."
    if wanted and identity.resource != wanted.resource:
        return f"This worker is not used, since it differs from the others: {identity.differences(wanted)}."
    return None
