"""Who answers for what: ground with nobody or two leaders, leaders by their own coverage, and what nobody has to see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request

from geoservice.domain.contracts import KINDS
from geoservice.domain.roles import Permission
from geoservice.domain.windows import Window
from geoservice.errors import BadRequest
from geoservice.maps.responsibility import responsibility_map
from geoservice.services import exclusions, holding, layers, leaders, responsibility
from geoservice.store import areas
from geoservice.web.asked_area import asked_level
from geoservice.web.deployment import current_settings, today
from geoservice.web.identity import current_scope, guard, own_transaction
from geoservice.web.map_text import base_map, map_answer, map_text, static_address
from geoservice.web.paging import PAGE_SIZE, page_of
from geoservice.web.reader import the_reader
from geoservice.web.texts import current_locale, gettext
from geoservice.web.windows import PRESETS, chosen_window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response
    from sqlalchemy.orm import Session

    from geoservice.maps.text import MapText
    from geoservice.services.responsibility import Answered, Oddities
    from geoservice.store.exclusion_list import ListedExclusion

duty = Blueprint("duty", __name__, url_prefix="/dispatch")
guard(duty, Permission.SEE_CITY)

BREAK_DAYS = 90
LISTS = (*(f"nobody-{kind}" for kind in KINDS), "two", "idle", "breaks")
MATCHES_SHOWN = 8
ROWS_OPEN = 8
FIRST_YEAR, LAST_YEAR = 1900, 2999


@dataclass(frozen=True)
class ChosenDay:
    """The day a page is about, and how an address names it."""

    on: date

    @property
    def args(self) -> dict[str, str]:
        """The part of an address that chooses this day."""
        return {"on": self.on.isoformat()}


@dataclass(frozen=True)
class Listing:
    """One of the page's lists: its name in the address, its heading, what is shown of it and how much there is."""

    name: str
    heading: str
    rows: Sequence[Any]
    total: int
    page: int
    pages: int


@duty.get("/responsibility")
def show_responsibility() -> str:
    """List the ground with nobody or two leaders, idle leaders and broken chains, and who answers for what is asked."""
    chosen, wanted = _chosen_day(), request.args.get("q", "").strip()[:64]
    with own_transaction() as session:
        answered = responsibility.resolve(session, chosen.on)
        odd = responsibility.oddities(session, Window.ending(chosen.on, BREAK_DAYS), answered)
        roles = layers.role_names(session, current_locale())
    listings = _listings(odd)
    only = _only_list()
    matches = _matching(answered, wanted)
    return render_template(
        "dispatch/responsibility.html",
        counted=listings,
        listings=[each for each in listings if only in {"", each.name}],
        only=only,
        has_ground=bool(answered),
        fly_to=_fly_to,
        rows_open=PAGE_SIZE if only else ROWS_OPEN,
        matches=matches[:MATCHES_SHOWN],
        match_count=len(matches),
        wanted=wanted,
        roles=roles,
        kind_words=_kind_words(),
        sees_all=current_scope().everything,
        last_day=_last_day,
        break_days=BREAK_DAYS,
        chosen=chosen,
    )


@duty.get("/responsibility/map")
def show_responsibility_map() -> Response:
    """Show who answers for each zone, a page of its own for the frame."""
    reader = replace(the_reader(), on=_chosen_day().on)
    with own_transaction() as session:
        area = holding.holding_area(session, current_settings(), reader)
    return map_answer(responsibility_map(area, _words_of_holding(), base_map(), static_address()))


@duty.get("/leaders")
def show_leaders() -> str:
    """Rank the leaders by the coverage of their own ground."""
    chosen = chosen_window()
    with own_transaction() as session:
        rows = leaders.leader_rows(session, current_settings(), chosen.window)
    return render_template("dispatch/leaders.html", rows=rows, chosen=chosen, presets=PRESETS)


@duty.get("/exclusions")
def show_exclusions() -> str:
    """List the ground that nobody has to see on a day, and its share of each zone."""
    chosen = _chosen_day()
    with own_transaction() as session:
        found = _visible(session, exclusions.list_exclusions(session, chosen.on), chosen.on)
        levels, level = asked_level(session, chosen.on)
        shares = exclusions.excluded_shares(session, chosen.on) if found else []
    of_level = [share for share in shares if level and share.level == level.code]
    of_level.sort(key=lambda share: (-(share.share or 0.0), share.code))
    shown = _cut(found)
    return render_template(
        "dispatch/exclusions.html",
        rows=shown.rows,
        listing=shown,
        shares=of_level[:PAGE_SIZE],
        share_count=len(of_level),
        levels=levels,
        level=level,
        kind_word=_word_of_exclusion,
        sees_all=current_scope().everything,
        last_day=_last_day,
        chosen=chosen,
    )


def _chosen_day() -> ChosenDay:
    given = request.args.get("on", "").strip()
    if not given:
        return ChosenDay(today())
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise BadRequest("bad_day", day=given[:40]) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadRequest("bad_day", day=given[:40])
    return ChosenDay(day)


def _listings(odd: Oddities) -> list[Listing]:
    """Return the page's lists; one named in the address is turned to its page, of the others the first rows are shown."""
    nobody = {kind: [each for each in odd.nobody if each.kind == kind] for kind in KINDS}
    # Who answers for ground outside his scope is nothing this reader can tell: such leaders only seem idle.
    idle = odd.idle if current_scope().everything else ()
    headed = (
        (gettext("Zones with nobody"), nobody["zone"]),
        (gettext("Streets with nobody"), nobody["street"]),
        (gettext("Points with nobody"), nobody["point"]),
        (gettext("Ground with two leaders"), odd.two),
        (gettext("Leaders with nothing"), idle),
        (gettext("Breaks between contracts"), odd.breaks),
    )
    only = _only_list()
    return [
        _cut(rows, name, heading, turned=name == only)
        for name, (heading, rows) in zip(LISTS, headed, strict=True)
    ]


def _only_list() -> str:
    """Return the one list the address asks for; "" for all of them."""
    wanted = request.args.get("list", "")
    return wanted if wanted in LISTS else ""


def _cut(rows: Sequence[Any], name: str = "", heading: str = "", *, turned: bool = True) -> Listing:
    shown = page_of(rows, turned=turned)
    return Listing(name, heading, shown.rows, len(rows), shown.number, shown.pages)


def _matching(answered: Sequence[Answered], wanted: str) -> list[Answered]:
    """Return the ground with a code, else that whose code begins with it or whose name holds it."""
    word = wanted.casefold()
    if not word:
        return []
    exactly = [each for each in answered if each.code.casefold() == word]
    return exactly or [
        each for each in answered if each.code.casefold().startswith(word) or word in each.name.casefold()
    ]


def _visible(session: Session, found: list[ListedExclusion], on: date) -> list[ListedExclusion]:
    """Keep what lies on the reader's ground."""
    scope = current_scope()
    if scope.everything:
        return found
    touching = {row.id for row, _ in areas.exclusions(session, scope.zone_ids, on)}
    return [each for each in found if each.exclusion_id in touching]


def _fly_to(each: Answered) -> str:
    """Return what the map shows of some ground, itself or the zone it lies in; "" where that is neither."""
    if each.kind == "zone":
        return f"zone:{each.ground_id}" if each.is_leaf else ""
    if not each.leaders:
        return f"street:{each.code}" if each.kind == "street" else f"point:{each.ground_id}"
    return f"zone:{each.zone_ids[0]}" if each.zone_ids else ""


def _last_day(before: date) -> date:
    """Return the last day of what is valid until before a day."""
    return before - timedelta(days=1)


def _words_of_holding() -> MapText:
    words = map_text(gettext("Map of who answers"), fit=gettext("Show the whole city"))
    return replace(
        words,
        layer_streets=gettext("Streets with nobody"),
        layer_points=gettext("Points with nobody"),
        street=gettext("Street with nobody"),
        point=gettext("Point with nobody"),
        # Blind spots are not looked for here: a card must not say there are none.
        write_count=lambda _: "",
    )


def _kind_words() -> dict[str, str]:
    return {"zone": gettext("Zone"), "street": gettext("Street"), "point": gettext("Point")}


def _word_of_exclusion(kind: str) -> str:
    """Return a kind of excluded ground as the reader calls it; one that an import named otherwise stays as it is."""
    return {
        "water": gettext("Water"),
        "compound": gettext("Closed compound"),
        "mountain": gettext("Hill"),
        "other": gettext("Other ground"),
    }.get(kind, kind)
