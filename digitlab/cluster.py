"""``digitlab worker`` and ``digitlab scheduler``: the processes of a cluster beside the web servers."""

import argparse
import sys
from collections.abc import Sequence

from digitlab import options as numbers
from model.messages import MessageError
from runs.cluster import settings
from runs.logs import innermost
from runs.workers import MAX_WANTED, cores, default_workers


def worker(arguments: Sequence[str]) -> int:
    """Compute slices for a scheduler until it is interrupted."""
    options = _worker_parser().parse_args(arguments)
    address = options.scheduler or settings.scheduler_address() or ""
    if not address:
        print(
            f"digitlab worker: name the scheduler, with --scheduler {settings.EXAMPLE} or in "
            f"{settings.SCHEDULER}",
            file=sys.stderr,
        )
        return 2
    try:
        settings.check(address)
        workers = options.workers or default_workers()
    except MessageError as error:
        print(f"digitlab worker: {error}", file=sys.stderr)
        return 2
    # Only now, since it needs Dask.
    from runs.cluster.serving import serve_workers

    serve_workers(address, workers, options.threads or cores())
    return 0


def scheduler(arguments: Sequence[str]) -> int:
    """Hand out slices until it is interrupted."""
    options = _scheduler_parser().parse_args(arguments)
    protocol = "tls" if options.tls else "tcp"
    try:
        settings.check_protocol(protocol)
    except settings.ClusterError as error:
        print(f"digitlab scheduler: {error}", file=sys.stderr)
        return 2
    from runs.cluster.serving import serve_scheduler

    try:
        serve_scheduler(options.host, options.port, protocol)
    except (OSError, RuntimeError) as error:
        # Dask wraps what the system says.
        place = f"{options.host}:{options.port}"
        print(f"digitlab scheduler: it cannot listen at {place}: {innermost(error)}", file=sys.stderr)
        return 1
    return 0


def _worker_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="digitlab worker",
        description="Train for the web servers of a cluster. All workers of one need the same versions, the "
        "same kind of processor and the same number of threads: others are refused, with a sentence.",
        epilog="Certificates for tls://: DIGITLAB_TLS_CA, DIGITLAB_TLS_CERT, DIGITLAB_TLS_KEY.",
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help=f"such as {settings.EXAMPLE}; else {settings.SCHEDULER}"
    )
    several = numbers.whole(1, MAX_WANTED)
    parser.add_argument("--workers", type=several, metavar="N", help="by default one for every core")
    parser.add_argument("--threads", type=several, metavar="T", help="of each; by default as many as cores")
    return parser


def _scheduler_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="digitlab scheduler",
        description="Hand the slices of web servers out to workers. Whoever reaches it can run any code on "
        "the workers: let nobody reach it but them, or use --tls.",
        epilog="Certificates for --tls: DIGITLAB_TLS_CA, DIGITLAB_TLS_CERT, DIGITLAB_TLS_KEY.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=numbers.port, default=8786, help="8786")
    parser.add_argument("--tls", action="store_true", help="only with certificates")
    return parser
