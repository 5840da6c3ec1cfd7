"""What every import shares: one at a time a kind, one savepoint, one batch, one audit entry; a dry run leaves nothing."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from geoservice.errors import InvalidFile, Problem
from geoservice.formats.tables import MORE_REFUSED, first_problems
from geoservice.store import batches, row_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

CHUNK_BYTES = 1 << 20


def _silent(_stage: str, _share: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Run:
    """Who imports, when and how strictly.

    `strict` refuses the whole import for one bad row; `dry_run` computes everything and writes nothing; `progress`
    is told a stage and the share of it that is done (0 to 1). `before_undo` sees what a dry run did before it is taken back.
    Without `take_repairs` a polygon that would have to be repaired is rejected.
    """

    now: datetime
    by: int | None = None
    dry_run: bool = False
    strict: bool = False
    take_repairs: bool = True
    progress: Callable[[str, float], None] = field(default=_silent, compare=False)
    before_undo: Callable[[Session, Report], None] | None = field(default=None, compare=False)

    def today(self, zone: ZoneInfo) -> date:
        """The local day on which the import happens."""
        return self.now.astimezone(zone).date()


@dataclass
class Report:
    """What an import found and did. `batch` is None after a dry run.

    `repaired_shapes`: file and row → WKB of the polygon as the file has it and as it was repaired, in WGS 84.
    """

    batch: int | None = None
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    rejected: list[Problem] = field(default_factory=list)
    repaired: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    detected: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    unchanged_codes: list[str] = field(default_factory=list)
    take_repairs: bool = True
    repaired_shapes: dict[tuple[str, int], tuple[bytes, bytes]] = field(default_factory=dict)

    @property
    def taken(self) -> int:
        """How many things of the file were accepted, changed or not."""
        return self.new + self.changed + self.unchanged

    @property
    def refused(self) -> int:
        """How many rows were rejected, with those that a reader only counted."""
        return sum(
            problem.values["count"] if problem.code == MORE_REFUSED else 1 for problem in self.rejected
        )

    @property
    def written(self) -> int:
        """How many things differ from before."""
        return self.new + self.changed + self.removed

    @property
    def batch_id(self) -> int:
        """The batch while the import runs."""
        assert self.batch is not None
        return self.batch


@contextmanager
def importing(
    session: Session, kind: str, paths: Sequence[Path], options: Mapping[str, Any], run: Run
) -> Iterator[Report]:
    """Open a batch, let the caller fill its report, then close it with counts and an audit entry.

    Whatever goes wrong inside, and a dry run, takes everything back to where it was. InvalidFile with the rejected
    rows when nothing could be taken, or when any was rejected and the run is strict.
    """
    files = [_fingerprint(path) for path in paths]
    with batches.savepoint(session) as undo:
        batches.lock(session, kind)
        report = Report(
            batch=batches.add_batch(
                session, kind=kind, files=files, options=_plain(options), by=run.by, at=run.now
            ),
            take_repairs=run.take_repairs,
        )
        row_changes.sign(session, run.by, report.batch)
        yield report
        report.rejected.sort(key=lambda problem: (problem.file or "", problem.row or 0))
        _refuse_failed(report, run)
        batches.finish_batch(
            session,
            report.batch_id,
            {
                "detected": _plain(report.detected),
                "new_count": report.new,
                "changed_count": report.changed,
                "unchanged_count": report.unchanged,
                "removed_count": report.removed,
                "rejected": [asdict(problem) for problem in first_problems(report.rejected)],
                "repaired": [asdict(problem) for problem in first_problems(report.repaired)],
            },
        )
        batches.add_audit(
            session,
            kind=kind,
            batch_id=report.batch_id,
            by=run.by,
            at=run.now,
            detail=_summary(report, files),
        )
        row_changes.sign(session, run.by)
        if run.dry_run:
            if run.before_undo is not None:
                run.before_undo(session, report)
            undo()
            report.batch = None


def reject_repeated(
    keys: Sequence[tuple[str, Any]], problem_of: Callable[[int, str], Problem], report: Report
) -> list[int]:
    """Keep the first of each key → the indexes kept; the later ones are rejected, naming the first row.

    `keys` are (code, row number as shown) pairs in the order of the file.
    """
    first: dict[str, Any] = {}
    kept: list[int] = []
    for index, (code, shown) in enumerate(keys):
        if code in first:
            report.rejected.append(problem_of(index, str(first[code])))
            continue
        first[code] = shown
        kept.append(index)
    return kept


def _refuse_failed(report: Report, run: Run) -> None:
    if run.strict and report.rejected:
        raise InvalidFile("rows_rejected", problems=tuple(report.rejected), count=report.refused)
    if not report.taken:
        code = "nothing_taken" if report.rejected else "file_has_no_rows"
        raise InvalidFile(code, problems=tuple(report.rejected), count=report.refused)


def _fingerprint(path: Path) -> dict[str, Any]:
    """Name, SHA-256 and size of a file as it lies there; InvalidFile when it can't be read."""
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise InvalidFile("file_missing", file=path.name) from error
    return {"name": storable(path.name), "sha256": digest.hexdigest(), "bytes": size}


def storable(text: str) -> str:
    """A file's name as PostgreSQL can keep it: bytes that are no text are shown escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\x00", "\\x00")


def _plain(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options without the empty ones, as JSON."""
    return {key: _json(value) for key, value in options.items() if value not in (None, False, (), [], {})}


def _json(value: Any) -> Any:
    if isinstance(value, (str, int, float, bool)):
        return storable(value) if isinstance(value, str) else value
    if isinstance(value, dict):
        return {str(key): _json(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(each) for each in value]
    return None if value is None else str(value)


def _summary(report: Report, files: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "files": [file["name"] for file in files[:20]],
        "file_count": len(files),
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "rejected": report.refused,
    }
