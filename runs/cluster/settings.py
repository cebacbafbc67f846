"""What the environment says about a cluster: whether there is one, where, and with which certificates."""

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

from model.messages import N_, Message, MessageError

if TYPE_CHECKING:
    from distributed.security import Security

SCHEDULER = "DIGITLAB_SCHEDULER"
# Files in PEM format: whom to trust, and what to show to the others, whom one certificate may serve.
_CERTIFICATES = {"ca_file": "DIGITLAB_TLS_CA", "cert": "DIGITLAB_TLS_CERT", "key": "DIGITLAB_TLS_KEY"}


class ClusterError(MessageError):
    """The settings do not do, or Dask is missing."""


def scheduler_address() -> str | None:
    """Where slices are sent to; ``None``: they are computed on this machine."""
    return os.environ.get(SCHEDULER) or None


def check(address: str) -> None:
    """
    Raises:
        ClusterError: Dask is missing, the address is none, or a certificate is.
    """
    if not address.startswith(("tcp://", "tls://")):
        raise ClusterError(
            Message(
                N_("Give the scheduler's address like tcp://192.168.0.10:8786; got {address}."),
                {"address": address},
            )
        )
    if address.startswith("tls://"):
        for name in _CERTIFICATES.values():
            if not os.path.isfile(os.environ.get(name, "")):
                raise ClusterError(
                    Message(
                        N_("tls:// needs certificates: {name} has to name a file, not {path}."),
                        {"name": name, "path": os.environ.get(name) or '""'},
                    )
                )
    if find_spec("distributed") is None:
        raise ClusterError(
            Message(N_("A cluster needs Dask. Install it: pip install -r requirements-cluster.txt"))
        )


def security(address: str) -> "Security":
    """The certificates for ``address``, the same whatever the process is."""
    from distributed.security import Security

    if not address.startswith("tls://"):
        return Security()
    files = {field: os.environ[name] for field, name in _CERTIFICATES.items()}
    roles = {
        f"tls_{role}_{field}": files[field]
        for role in ("client", "worker", "scheduler")
        for field in ("cert", "key")
    }
    return Security(require_encryption=True, tls_ca_file=files["ca_file"], **roles)
