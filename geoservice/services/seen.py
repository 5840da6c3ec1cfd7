"""Whether what somebody changes is still what he was shown."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from geoservice.errors import Conflict


def fingerprint(value: Any) -> str:
    """Return what a form carries to say which state of a thing it was made from."""
    told = json.dumps(value, default=str, ensure_ascii=False, sort_keys=True)
    return sha256(told.encode()).hexdigest()[:24]


def check_seen(seen: str | None, stored: Any, name: str) -> None:
    """Refuse a change that was made from another state than the stored one; None: whoever changes it has not looked."""
    if seen is not None and seen != fingerprint(stored):
        raise Conflict("setup_changed_meanwhile", name=name)
