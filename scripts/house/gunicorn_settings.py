"""How gunicorn serves the house; the address comes on its command line."""

from __future__ import annotations

import gc
import re
from typing import Any

from gunicorn.glogging import Logger

# Calendars and phones carry their secret in the address.
_SECRETS = re.compile(r"(/feeds/|/positions/\w+[/?])[^\s\"]+")


def without_secrets(line: str) -> str:
    """Return a line of the log with *** for what would let a reader in."""
    return _SECRETS.sub(r"\1***", line)


class AccessLog(Logger):  # type: ignore[misc]  # gunicorn tells no types
    """gunicorn's log without secrets."""

    def atoms(self, *told: Any) -> dict[str, Any]:
        """Return what a line of the access log is made of."""
        atoms: dict[str, Any] = super().atoms(*told)
        address = {name: without_secrets(atoms[name]) for name in "rUf" if isinstance(atoms.get(name), str)}
        return {**atoms, **address, "q": "***"}


wsgi_app = "wsgi:app"
worker_class = "gthread"
workers = 2
threads = 4
# Imported once for both processes; the application opens no connection before its first request.
preload_app = True
graceful_timeout = 8
timeout = 60
accesslog = errorlog = "-"
logger_class = AccessLog
control_socket_disable = True


def when_ready(_server: object) -> None:
    """Keep the imported modules out of garbage collection: they stay shared, and a stop is not spent on them."""
    gc.collect()
    gc.freeze()
