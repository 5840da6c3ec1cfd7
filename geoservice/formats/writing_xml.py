"""Text that may stand in XML."""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape

# XML 1.0 has no way to write these at all.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_text(value: Any) -> str:
    """A value as it may stand between tags or in a quoted attribute."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(_FORBIDDEN.sub("", str(value)), {'"': "&quot;"})
