"""The digest of a published report for a chat group or a mailbox: where it goes, and what it says. It is sent by a job."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.domain.report_kinds import ReportKind
from geoservice.domain.scoring import SUBJECTS
from geoservice.errors import BadRequest, NotFound
from geoservice.messages import sentence
from geoservice.services.reports import sending
from geoservice.store import audit, report_rows
from geoservice.store.reports import DigestTarget

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.reports.publishing import ReportView

SCHEMES = ("wecombot", "dingtalk", "feishu", "lark", "mailto", "mailtos", "json", "jsons")
"""Where digests may go; what else Apprise knows is no business of a city's reports."""
MOST_LETTERS = 80
LONGEST_ADDRESS = 2000
NAMED = 3


@dataclass(frozen=True)
class TargetView:
    """A target as it is shown: of its address only the scheme. `error`: a code and what fills its sentence."""

    id: int
    name: str
    scheme: str
    kinds: tuple[str, ...]
    active: bool
    last_at: datetime | None
    error: tuple[str, dict[str, str]] | None


def targets(session: Session) -> list[TargetView]:
    """Return every target, by name."""
    return [_view(target) for target in report_rows.targets(session)]


def add_target(
    session: Session, name: str, address: str, kinds: Iterable[str], *, by: int | None
) -> TargetView:
    """Store a target; its address is a secret that nobody is shown again. BadRequest says what is wrong."""
    title, wanted = name.strip(), sorted(set(kinds))
    if not title or len(title) > MOST_LETTERS:
        raise BadRequest("digest_name_bad", most=MOST_LETTERS)
    if not wanted or not set(wanted) <= set(ReportKind):
        raise BadRequest("digest_kinds_missing")
    target = DigestTarget(
        name=title, address=_checked(address.strip()), kinds=wanted, active=True, made_by=by
    )
    report_rows.add(session, target)
    session.refresh(target)
    audit.record(session, by, "digest.add", "digest_target", str(target.id), {"name": title})
    return _view(target)


def set_active(session: Session, target_id: int, active: bool, *, by: int | None) -> None:
    """Let a target receive digests or not."""
    _target(session, target_id).active = active
    session.flush()
    audit.record(session, by, "digest.change", "digest_target", str(target_id), {"active": active})


def remove_target(session: Session, target_id: int, *, by: int | None) -> None:
    """Forget a target and its address."""
    if not report_rows.remove_target(session, target_id):
        raise NotFound("digest_unknown")
    audit.record(session, by, "digest.remove", "digest_target", str(target_id))


def targets_for(session: Session, kind: ReportKind) -> list[int]:
    """Return the ids of the targets that want reports of a kind."""
    return [
        target.id for target in report_rows.targets(session) if target.active and kind.value in target.kinds
    ]


def address_of(session: Session, target_id: int) -> str:
    """Return a target's secret address, for the job that sends."""
    return _target(session, target_id).address


def note_sent(session: Session, target_id: int, at: datetime, error: str = "") -> None:
    """Note when a target was sent something last; `error` is a code, perhaps with a number behind a colon."""
    report_rows.note_sent(session, target_id, at, error)


def digest(settings: Settings, view: ReportView, locale: str) -> tuple[str, str]:
    """Return title and text: the city's rates, who is first and last, and where to read on."""
    city = view.content["city"]
    lines = []
    for code in ("coverage_rate", "interval_rate", "closing_rate", "on_time_closing_rate"):
        numerator, denominator = city["rates"][code]
        words = {"numerator": _shown(numerator), "denominator": _shown(denominator)}
        if denominator:
            words["share"] = f"{100 * numerator / denominator:.1f}"
            lines.append(sentence(f"digest_{code}", words, locale))
        else:
            lines.append(sentence(f"digest_{code}_none", {}, locale))
    lines.append(
        sentence(
            "digest_cases",
            {name: f"{city['counts'][name]}" for name in ("opened", "closed", "overdue")},
            locale,
        )
    )
    for subject in SUBJECTS:
        for colour in ("red", "black"):
            names = [row["name"] for row in view.content[f"{subject}s"] if row["list"] == colour]
            if names:
                shown = "、".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")
                lines.append(sentence(f"digest_{colour}_{subject}", {"names": shown}, locale))
    if settings.public_url:
        lines.append(sentence("digest_link", {"link": link_to(settings, view.id)}, locale))
    values = {"number": view.number, "from_on": f"{view.window.from_on}", "to_on": f"{view.window.to_on}"}
    return sentence(f"digest_title_{view.kind}", values, locale), "\n".join(lines)


def link_to(settings: Settings, report_id: int) -> str:
    """Return the address of a report's page as somebody outside reaches it."""
    return f"{settings.public_url.rstrip('/')}/reports/{report_id}"


def _shown(number: float) -> str:
    return f"{number:,.0f}"


def _checked(address: str) -> str:
    scheme = _scheme(address)
    if scheme not in SCHEMES or len(address) > LONGEST_ADDRESS or re.search(r"[\s\x00-\x1f]", address):
        raise BadRequest("digest_address_bad", schemes=", ".join(f"{one}://" for one in SCHEMES))
    if not sending.is_address(address):
        raise BadRequest("digest_address_bad", schemes=", ".join(f"{one}://" for one in SCHEMES))
    return address


def _scheme(address: str) -> str:
    return address.partition("://")[0].lower() if "://" in address else ""


def _view(target: DigestTarget) -> TargetView:
    code, _, status = target.last_error.partition(":")
    return TargetView(
        target.id,
        target.name,
        _scheme(target.address),
        tuple(target.kinds),
        target.active,
        target.last_at,
        (code, {"status": status}) if code else None,
    )


def _target(session: Session, target_id: int) -> DigestTarget:
    target = report_rows.target_by_id(session, target_id)
    if target is None:
        raise NotFound("digest_unknown")
    return target
