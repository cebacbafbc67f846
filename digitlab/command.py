"""The command ``digitlab``: starts the app, with its settings, from any folder."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from streamlit.web import cli

# In a clone the app lies beside this package, in an installed one inside it.
_APP = next(
    folder / "app.py"
    for folder in (Path(__file__).parent, Path(__file__).parents[1])
    if (folder / "app.py").is_file()
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until it is interrupted."""
    sys.path.insert(0, str(_APP.parent))
    options = _parser().parse_args(arguments)
    if options.data is not None:
        try:
            options.data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            print(f"digitlab: --data needs a folder that can be written to: {error}", file=sys.stderr)
            return 2
        os.environ["DIGITLAB_DATA"] = str(options.data.resolve())
    return int(cli.main(_streamlit(options), prog_name="digitlab", standalone_mode=False) or 0)


def _parser() -> argparse.ArgumentParser:
    from model.version import VERSION

    parser = argparse.ArgumentParser(
        prog="digitlab",
        description="See a neural network learn to read handwritten digits, in your browser.",
        epilog="Streamlit's own settings are read from the environment, as STREAMLIT_SERVER_BASE_URL_PATH.",
    )
    parser.add_argument("--version", action="version", version=f"Digit Lab {VERSION}")
    parser.add_argument("--host", default="localhost", help="0.0.0.0 lets other computers in")
    parser.add_argument("--port", type=int, help="8501, or the next one that is free")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="where runs are kept")
    parser.add_argument("--no-browser", action="store_true", help="do not open one")
    return parser


def _streamlit(options: argparse.Namespace) -> list[str]:
    """Streamlit's own command line. Nobody edits an installed app, so nothing watches its files."""
    command = ["run", str(_APP), "--server.address", options.host, "--server.fileWatcherType", "none"]
    if options.port is not None:
        command += ["--server.port", str(options.port)]
    if options.no_browser:
        command += ["--server.headless", "true"]
    return command
