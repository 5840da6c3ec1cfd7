"""Inspections as the desk looks at them: how far each is, and what was found by task, item and zone."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from geoservice.domain.roles import Permission
from geoservice.services.inspections import results as service
from geoservice.web.api.answers import Answer, cut_answer
from geoservice.web.api.models import Asked, Page, Paged, Told, tell
from geoservice.web.api.operations import Ask, Operation, offer
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.identity import the_account

if TYPE_CHECKING:
    from geoservice.services.inspections.results import InspectionView

TAG = "inspections"
NEEDS = (Permission.PLAN_INSPECTIONS,)


class Inspection(Told):
    """An inspection and how far it is; `score` is the weight that passed per cent of what applied, null where nothing did."""

    id: int = Field(examples=[1])
    name: str
    kind: str = Field(examples=["random"])
    state: Literal["planned", "running", "over", "cancelled"]
    from_on: date
    to_on: date
    seed: int | None
    maker: str | None
    made_at: datetime
    tasks: int
    done: int
    late: int = Field(description="tasks that had their day and are not done")
    fails: int = Field(description="items that failed")
    cases: int = Field(description="cases that came of it")
    score: float | None


class InspectionTask(Told):
    """A point that is inspected on a day."""

    id: int
    on_day: date
    done_at: datetime | None
    score: float | None
    note: str
    inspector: str | None
    point_id: int
    code: str
    name: str
    category: str
    zone_code: str
    zone_name: str
    fails: int | None
    cases: int | None


class InspectedItem(Told):
    """What was found of an item of the checklists at all points together."""

    code: str
    title: str
    category: str
    weight: float
    passes: int
    fails: int
    not_applicable: int
    rate: float | None = Field(description="share that passed of what applied; null where it applied nowhere")


class InspectedZone(Told):
    """What was found in a zone."""

    zone_code: str
    zone_name: str
    tasks: int
    done: int
    fails: int
    score: float | None


class InspectionFull(Told):
    """An inspection with its tasks, and what was found by item and by zone."""

    inspection: Inspection
    tasks: list[InspectionTask]
    items: list[InspectedItem]
    zones: list[InspectedZone]


@offer(Operation("GET", "/inspections", TAG, Page[Inspection], NEEDS, query=Paged))
def list_inspections(ask: Ask[Paged, None]) -> Answer:
    """List the newest inspections of one's ground, and those one made."""
    found = service.list_inspections(
        ask.session, current_settings(), now=current_time(), account_id=the_account().id
    )
    return cut_answer(Page[Inspection], found, ask.query, _inspection)


@offer(Operation("GET", "/inspections/{inspection_id}", TAG, InspectionFull, NEEDS, errors=(404,)))
def get_inspection(ask: Ask[Asked, None], inspection_id: int) -> Answer:
    """Return one inspection with its tasks on one's ground and what was found there."""
    found = service.read_inspection(
        ask.session, current_settings(), inspection_id, now=current_time(), account_id=the_account().id
    )
    return Answer(
        InspectionFull(
            inspection=_inspection(found.view),
            tasks=[tell(InspectionTask, one) for one in found.tasks],
            items=[tell(InspectedItem, one) for one in found.items],
            zones=[tell(InspectedZone, one) for one in found.zones],
        )
    )


def _inspection(view: "InspectionView") -> Inspection:
    counted = ("tasks", "done", "late", "fails", "cases", "score")
    counts: dict[str, Any] = {name: getattr(view.counts, name) for name in counted}
    return tell(Inspection, view.row, state=view.state, **counts)
