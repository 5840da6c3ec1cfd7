"""What can go wrong, as codes with values: a sentence is made of them only where somebody reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one place of one input.

    `row` counts as the file's own program shows it (a sheet's header is row 1; the first feature of a
    layer is 1); None means the whole file. `values` fills the sentence that belongs to `code`.
    """

    code: str
    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    values: dict[str, Any] = field(default_factory=dict)


class GeoServiceError(Exception):
    """Base of every error that a user may be shown. `code` names its sentence, `values` fill it."""

    code = "error"

    def __init__(self, code: str | None = None, /, **values: Any) -> None:
        self.code = code or type(self).code
        self.values = values
        super().__init__(self.code, values)


class NotFound(GeoServiceError):
    """The thing asked for is not there, or not there for this user."""

    code = "not_found"


class Conflict(GeoServiceError):
    """Somebody else changed it first, or it exists already."""

    code = "conflict"


class NotAllowed(GeoServiceError):
    """This user may not do this."""

    code = "not_allowed"


class BadRequest(GeoServiceError):
    """The question itself makes no sense: a reversed window, an unknown level."""

    code = "bad_request"


class TooLarge(GeoServiceError):
    """More in one request than is taken at once; nothing of it was."""

    code = "too_large"


class InvalidGeometry(GeoServiceError):
    """A geometry that can't be used, nor repaired without guessing."""

    code = "invalid_geometry"


class InvalidFile(GeoServiceError):
    """A file that can't be read at all, or (`problems`) holds rows that can't be taken."""

    code = "invalid_file"

    def __init__(
        self, code: str | None = None, /, *, problems: tuple[Problem, ...] = (), **values: Any
    ) -> None:
        super().__init__(code, **values)
        self.problems = problems


class ServiceUnavailable(GeoServiceError):
    """A server we stand on (PostgreSQL, Redis, the disk) does not answer now; trying again may help."""

    code = "service_unavailable"


class StorageFull(GeoServiceError):
    """There is no room left for what is to be kept; nothing of it was."""

    code = "disk_full"


class BadSettings(GeoServiceError):
    """The environment lacks a setting or holds one that can't be used."""

    code = "bad_settings"
