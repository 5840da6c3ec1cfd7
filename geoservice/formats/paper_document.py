"""A form of one page before it becomes a web page or a PDF: its words in the order they stand in."""

from __future__ import annotations

from dataclasses import dataclass

SIGNATURE_MM = 12.0


@dataclass(frozen=True)
class Box:
    """A label with what stands beside it, from above: numbered steps, what stands out, text, smaller text, seal, signs at the foot."""

    label: str
    text: str = ""
    strong: str = ""
    small: str = ""
    steps: tuple[str, ...] = ()
    seal: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    room_mm: float = 0.0
    """At least so high, for what is written by hand."""

    @property
    def is_answer(self) -> bool:
        """Whether a whole answer is written here, not a signature only."""
        return self.room_mm > SIGNATURE_MM


@dataclass(frozen=True)
class Paper:
    """One page of A4: a coloured band, a title, a line of facts, and rows of one or two boxes."""

    kind: str
    band: str
    title: str
    facts: tuple[str, str]
    void: str
    rows: tuple[tuple[Box, ...], ...]
    foot: str
