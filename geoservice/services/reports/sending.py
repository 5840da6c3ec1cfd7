"""Handing a text to Apprise: what it says of a failure becomes a code of ours, and its log, which may name secrets, goes nowhere."""

from __future__ import annotations

import logging
import re
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_S = 20.0
_STATUS = re.compile(r"error=(\d{3})\b")
_UNREACHED = re.compile(r"connection error", re.IGNORECASE)


def is_address(address: str) -> bool:
    """Tell whether Apprise takes an address."""
    import apprise  # a tenth of a second that only whoever deals with digests waits for

    with _listening():
        return bool(apprise.Apprise().add(address))


def send(address: str, title: str, body: str) -> str:
    """Send a plain text; return nothing when it arrived, else a code, perhaps with the answer's status behind a colon."""
    import apprise

    asset = apprise.AppriseAsset(async_mode=False, service_timeout=LONGEST_S, allow_templates=False)
    with _listening() as told:
        notifier = apprise.Apprise(asset=asset)
        if not notifier.add(address):
            return "digest_address_dead"
        if notifier.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT):
            return ""
    words = "\n".join(told)
    status = _STATUS.search(words)
    if status:
        return f"digest_refused:{status[1]}"
    return "digest_unreachable" if _UNREACHED.search(words) else "digest_failed"


class _Keeper(logging.Handler):
    def __init__(self, told: list[str]) -> None:
        super().__init__()
        self._told = told

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what was said until somebody has looked for a reason in it."""
        self._told.append(record.getMessage())


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Keep Apprise's log to ourselves."""
    told: list[str] = []
    log, keeper = logging.getLogger("apprise"), _Keeper(told)
    before = log.propagate, log.level
    log.propagate, log.level = False, logging.WARNING
    log.addHandler(keeper)
    try:
        with warnings.catch_warnings():
            # One of its plugins imports a module that Python is about to lose, at the first use of any.
            warnings.simplefilter("ignore", DeprecationWarning)
            yield told
    finally:
        log.removeHandler(keeper)
        log.propagate, log.level = before
