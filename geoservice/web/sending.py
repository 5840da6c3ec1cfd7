"""Files that are sent to be kept by whoever asked for them, and by nobody on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    Answer = TypeVar("Answer", bound=Response)


def name_file(answer: Answer, plain: str, name: str, *, inline: bool = False) -> Answer:
    """Name the file that an answer carries; `plain`: its name for old programs, which know ASCII only.

    `inline`: it is shown in a page, and named only where somebody saves it.
    """
    # RFC 6266: programs that know the name in UTF-8 take it, all others the plain one.
    true_name = f"UTF-8''{quote(name.replace('/', '-'), safe='')}"
    how = "inline" if inline else "attachment"
    answer.headers.set("Content-Disposition", how, filename=plain, **{"filename*": true_name})
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
