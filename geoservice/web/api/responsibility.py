"""Who answers for a place, a zone, a street or a point on a day, and why."""

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from geoservice.services import responsibility as service
from geoservice.web.api.answers import Answer
from geoservice.web.api.models import Asked, Code, Day, Told
from geoservice.web.api.operations import Ask, Operation, offer
from geoservice.web.deployment import today

TAG = "responsibility"


class Holder(Told):
    """Somebody who answers, through a contract of this ground (`direct`) or of a zone above it.

    The contract is his own, or that of the one he `stands_in_for`.
    """

    role: str = Field(examples=["leader"])
    leader_id: int
    name: str
    via_kind: str
    via_code: str
    via_name: str
    direct: bool
    stands_in_for: str = Field(description="who is absent; empty where the contract is his own")


class AnsweredGround(Told):
    """A zone, street or point and everybody who answers for it; nobody: it is listed without any."""

    kind: str = Field(examples=["zone"])
    ground_id: int
    code: str
    name: str
    zone_ids: list[int] = Field(description="the leaf zones it lies in")
    is_leaf: bool
    answers: list[Holder]


class Answers(Told):
    """Who answers on a day; no ground: the place lies outside every zone."""

    on: date
    grounds: list[AnsweredGround]


class ResponsibilityQuery(Asked):
    """A place (`lon` and `lat`), or the `kind` and `code` of some ground."""

    on: Day | None = Field(None, description="on this day; today when left out")
    lon: float | None = Field(None, ge=-180, le=180, examples=[114.055])
    lat: float | None = Field(None, ge=-90, le=90, examples=[22.535])
    kind: Literal["zone", "street", "point"] | None = None
    code: Code | None = None

    @model_validator(mode="after")
    def _asks_one_thing(self) -> "ResponsibilityQuery":
        place, ground = (self.lon, self.lat), (self.kind, self.code)
        whole = [pair for pair in (place, ground) if None not in pair]
        if len(whole) != 1 or any(
            value is not None for pair in (place, ground) if pair not in whole for value in pair
        ):
            raise ValueError("give lon and lat, or kind and code")
        return self


@offer(Operation("GET", "/responsibility", TAG, Answers, query=ResponsibilityQuery, errors=(404,)))
def show_responsible(ask: Ask[ResponsibilityQuery, None]) -> Answer:
    """Tell who answers for a place or some ground on a day."""
    query = ask.query
    on = query.on or today()
    if query.kind is not None and query.code is not None:
        found = service.who_answers(ask.session, on, kind=query.kind, code=query.code)
    else:
        assert query.lon is not None and query.lat is not None
        zone = service.who_answers_at(ask.session, on, query.lon, query.lat)
        found = [] if zone is None else [zone]
    return Answer(Answers(on=on, grounds=[_ground(each) for each in found]))


def _ground(each: service.Answered) -> AnsweredGround:
    told = {**vars(each), "zone_ids": list(each.zone_ids)}
    return AnsweredGround(**{**told, "answers": [Holder(**vars(answer)) for answer in each.answers]})
