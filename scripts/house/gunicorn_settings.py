"""How gunicorn serves the house; the address comes on its command line."""

from __future__ import annotations

import gc
import re
from typing import TYPE_CHECKING, Any

from gunicorn.glogging import Logger

if TYPE_CHECKING:
    from datetime import timedelta

# Calendars and phones carry their secret in the address.
_SECRETS = re.compile(r"(/feeds/|/shared/|/positions/\w+[/?])[^\s\"]+")


def without_secrets(line: str) -> str:
    """Return a line of the log with *** for what would let a reader in."""
    return _SECRETS.sub(r"\1***", line)


class AccessLog(Logger):  # type: ignore[misc]  # gunicorn tells no types
    """gunicorn's log without secrets, and without gathering all that a line might have told: a third of a small request."""

    def access(self, resp: Any, _req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Write the usual line of one request, and how long it took."""
        if not self.access_log_enabled:
            return
        referer, agent = (
            environ.get(name, "-").replace('"', "'") for name in ("HTTP_REFERER", "HTTP_USER_AGENT")
        )
        asked = f"{environ['REQUEST_METHOD']} {environ['RAW_URI']} {environ['SERVER_PROTOCOL']}"
        line = (
            f'{environ.get("REMOTE_ADDR", "-")} - - {self.now()} "{asked}" {str(resp.status).partition(" ")[0]} '
            f'{resp.sent or "-"} {request_time.total_seconds():.3f}s "{referer}" "{agent}"'
        )
        self.access_log.info("%s", without_secrets(line))


wsgi_app = "wsgi:app"
worker_class = "gthread"
workers = 2
threads = 4
# Imported once for both processes; the application opens no connection before its first request.
preload_app = True
graceful_timeout = 8
# A line that is kept while somebody reads spares a phone two journeys at the next tap; nobody waits for it.
keepalive = 30
timeout = 60
accesslog = errorlog = "-"
logger_class = AccessLog
control_socket_disable = True


def when_ready(_server: object) -> None:
    """Keep the imported modules out of garbage collection: they stay shared, and a stop is not spent on them."""
    gc.collect()
    gc.freeze()
