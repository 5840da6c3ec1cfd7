"""How gunicorn serves the house; the address comes on its command line."""

from __future__ import annotations

import gc

wsgi_app = "wsgi:app"
worker_class = "gthread"
workers = 2
threads = 4
# Imported once for both processes; the application opens no connection before its first request.
preload_app = True
graceful_timeout = 8
timeout = 60
accesslog = errorlog = "-"
control_socket_disable = True


def when_ready(_server: object) -> None:
    """Keep the imported modules out of garbage collection: they stay shared, and a stop is not spent on them."""
    gc.collect()
    gc.freeze()
