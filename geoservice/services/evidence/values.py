"""What is said of photos: what one belongs to, and one as pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

SubjectKind = Literal["case", "task", "check_in", "stop_report", "citizen_report"]
SUBJECTS: tuple[SubjectKind, ...] = get_args(SubjectKind)
Stage = Literal["before", "after", "other"]


@dataclass(frozen=True)
class Subject:
    """What a photo belongs to; `item_id` is the checklist's item, of an inspection task only."""

    kind: SubjectKind
    id: int
    item_id: int | None = None


@dataclass(frozen=True)
class Photo:
    """One photo as it may be shown. `name` is what its served copy is called: `url_for('photos.show_photo', name=photo.name)`.

    `at` by the phone's clock, `taken_at` by the camera's. `flags`: codes of what is odd about it. `verdict`: accepted, refused,
    unclear, or None while nobody judged it.
    """

    id: int
    name: UUID
    subject: Subject
    stage: Stage
    width: int
    height: int
    at: datetime
    taken_at: datetime | None
    by: int | None
    by_name: str
    flags: tuple[str, ...] = ()
    verdict: str | None = None
