"""A file that is too large to wait for: made in the background, under the scope of whoever asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from geoservice.domain.roles import PERMISSIONS
from geoservice.domain.windows import local_day
from geoservice.errors import NotAllowed
from geoservice.services import accounts, exporting
from geoservice.services.exporting import keeping

if TYPE_CHECKING:
    from geoservice.jobs.work import Work
    from geoservice.services.exporting import Wanted
    from geoservice.store.scope import Scope


def export(work: Work) -> dict[str, Any]:
    """Make the file that the arguments name for the user `by`, with what he may see now → its name and size."""
    now, wanted = datetime.now(UTC), exporting.wanted_from(work.args)
    keeping.sweep(work.settings, now)
    scope = _scope(work, wanted, now)
    folder = keeping.job_folder(work.settings, work.job_id)
    folder.mkdir(exist_ok=True)
    with work.transaction(scope) as session:
        path = exporting.export(session, work.settings, wanted, folder, now=now, progress=work.progress)
    work.progress(100, "done")
    return {"file": path.name, "bytes": path.stat().st_size}


def _scope(work: Work, wanted: Wanted, now: datetime) -> Scope:
    """Return what the user may see; NotAllowed when his account was closed or changed since he asked."""
    layer = exporting.layer_named(wanted.layer)
    with work.transaction() as session:
        account = accounts.account_of(session, int(work.args["by"]))
        if account is None or not account.active:
            raise NotAllowed
        scope = accounts.scope_of(session, account, local_day(now, work.settings.zone_info))
    if not exporting.may_have(layer, PERMISSIONS[account.role], everything=scope.everything):
        raise NotAllowed
    return scope
