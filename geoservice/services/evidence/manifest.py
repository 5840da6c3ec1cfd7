"""The list of originals for backups, and whether what lies on the disk is what was received."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.services.evidence import files
from geoservice.store import evidence_rows as store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from geoservice.config import Settings


@dataclass(frozen=True)
class Verified:
    """How many originals are whole, which are missing or changed, and how many lie there that nothing refers to."""

    whole: int
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    unreferred: int

    @property
    def is_good(self) -> bool:
        """Whether every photo that is told of is there as it came."""
        return not (self.missing or self.changed)


def manifest(session: Session, settings: Settings) -> Iterator[str]:
    """Lines as `sha256sum --check` reads them inside the var folder, in order."""
    for sha256, _size in store.files(session):
        path = files.photo_folder(settings, sha256) / files.ORIGINAL
        yield f"{sha256.hex()}  {path.relative_to(settings.var_dir)}"


def verify(session: Session, settings: Settings) -> Verified:
    """Read every original again and hold it against its SHA-256."""
    whole, missing, changed, known = 0, [], [], set()
    for sha256, _size in store.files(session):
        name = sha256.hex()
        known.add(name)
        path = files.photo_folder(settings, sha256) / files.ORIGINAL
        if not path.is_file():
            missing.append(name)
        elif files.sha256_of(path) != sha256:
            changed.append(name)
        else:
            whole += 1
    unreferred = sum(path.parent.name not in known for path in files.all_kept(settings))
    return Verified(whole, tuple(missing), tuple(changed), unreferred)
