"""Called by the scripts, with the repository on PYTHONPATH.

python -m scripts.house check OPTIONS…          what `run` can ask before anything is installed
python -m scripts.house serve OPTIONS…          `run` itself, until Ctrl-C or TERM
python -m scripts.house use -- COMMAND…         a command with the private services up
python -m scripts.house throwaway -- COMMAND…   a command with services of its own, removed afterwards
"""

from __future__ import annotations

import sys

from scripts.house.options import parse_options
from scripts.house.processes import stop_on_signals
from scripts.house.serve import check, serve
from scripts.house.services import use
from scripts.house.telling import SetupError, say
from scripts.house.throwaway import throwaway


def main(what: str, *arguments: str) -> int:
    """Do one of the four; a failed set-up is told, not traced."""
    stop_on_signals()
    try:
        if what in ("use", "throwaway"):
            return {"use": use, "throwaway": throwaway}[what](list(arguments[1:]))
        {"check": check, "serve": serve}[what](parse_options(arguments))
    except SetupError as failure:
        say(f"\n{failure}", to=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
