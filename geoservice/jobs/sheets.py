"""The sheets of all leaders in one PDF, made in the background under the scope of whoever asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from geoservice.domain.roles import Permission, may
from geoservice.domain.windows import local_day
from geoservice.errors import NotAllowed, NotFound
from geoservice.formats.sheet_pdf import SheetBook
from geoservice.services import accounts
from geoservice.services.exporting import keeping
from geoservice.services.leader_ground import leaders_with_ground, scope_of_leader
from geoservice.services.sharing import window_of
from geoservice.services.sheets import Asked, leader_sheet
from geoservice.services.written import Written
from geoservice.store import jobs

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.jobs.work import Work
    from geoservice.store.scope import Scope

KIND = "sheets"
FILE = "sheets.pdf"


def make_sheets(work: Work) -> dict[str, Any]:
    """Make a page for every leader whose ground user `by` may see now → the file's name, size and pages."""
    now, settings = datetime.now(UTC), work.settings
    on = local_day(now, settings.zone_info)
    written, window = Written(work.args["locale"], settings.zone_info), window_of(work.args["shown"], on)
    keeping.sweep(settings, now)
    within = _scope(work)
    with work.transaction() as session:
        leaders = [(one.id, scope_of_leader(session, one.id, on, within)) for one in leaders_with_ground(session, within, on)]  # fmt: skip
    if not leaders:
        raise NotFound("no_leaders_with_ground", on=on.isoformat())
    book = SheetBook(written.say("sheet_all_leaders"), written.lang)
    for number, (leader_id, scope) in enumerate(leaders):
        work.progress(2 + 93 * number // len(leaders), KIND)
        with work.transaction(scope) as session:
            book.add(leader_sheet(session, settings, Asked(leader_id, window, on, now, written)))
    work.progress(96, "writing_file")
    folder = keeping.job_folder(settings, work.job_id)
    folder.mkdir(exist_ok=True)
    waiting = folder / f".{FILE}"
    waiting.write_bytes(book.close())
    path = waiting.replace(folder / FILE)
    work.progress(100, "done")
    return {"file": FILE, "bytes": path.stat().st_size, "pages": len(leaders)}


def ask_for_sheets(session: Session, shown: dict[str, Any], locale: str, *, by: int) -> int:
    """Ask for the file; a second click while the first waits is the same work."""
    args = {"shown": shown, "locale": locale, "by": by}
    key = f"sheets {by} {locale} {sorted(shown.items())}"
    return jobs.ask(session, KIND, args, dedupe_key=key, by=by)


def _scope(work: Work) -> Scope:
    """Return what the user may see; NotAllowed when his account was closed or changed since he asked."""
    with work.transaction() as session:
        account = accounts.account_of(session, int(work.args["by"]))
        if account is None or not account.active or not may(account.role, Permission.SEE_CITY):
            raise NotAllowed
        on = local_day(datetime.now(UTC), work.settings.zone_info)
        return accounts.scope_of(session, account, on)
