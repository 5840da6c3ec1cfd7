"""What a list to the day and person is made of: things to do, and the list itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date, datetime


@dataclass(frozen=True)
class Task:
    """One thing to do. `kind` tells what; `ids` what it is about; `due_at` None: it has no hour of its own."""

    kind: str
    title: str
    place: str
    due_at: datetime | None
    ids: dict[str, Any]
    number: str = ""
    done: bool = False

    @property
    def for_programs(self) -> dict[str, Any]:
        """The task in codes, its instant in ISO 8601."""
        return {
            "kind": self.kind,
            "title": self.title,
            "place": self.place,
            "number": self.number,
            "due_at": self.due_at.isoformat() if self.due_at else None,
            "done": self.done,
            **self.ids,
        }

    def is_late(self, now: datetime) -> bool:
        """Tell whether it should be done by now."""
        return not self.done and self.due_at is not None and self.due_at < now


@dataclass(frozen=True)
class DayList:
    """What somebody has to do on a day, by when; `later`: what is his too but due after it."""

    name: str
    role: str
    login: str | None
    on: date
    tasks: tuple[Task, ...]
    later: tuple[Task, ...] = ()
    office: str = ""

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(task.done for task in self.tasks)

    def late(self, now: datetime) -> int:
        """How many should be done by now and are not."""
        return sum(task.is_late(now) for task in self.tasks)
