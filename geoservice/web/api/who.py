"""From any place and day: the people who answer, by role, and why."""

from datetime import date

from pydantic import Field

from geoservice.services import who as service
from geoservice.web.api.answers import Answer
from geoservice.web.api.models import Asked, Day, Told
from geoservice.web.api.operations import Ask, Operation, offer
from geoservice.web.deployment import current_settings, today

TAG = "responsibility"


class Person(Told):
    """Somebody who answers in a role, through a contract of the ground itself (`direct`) or of a zone above it."""

    role: str = Field(examples=["leader"])
    leader_id: int = Field(examples=[1])
    code: str = Field(examples=["L1"])
    name: str = Field(examples=["王建国"])
    title: str
    phone: str
    via_kind: str = Field(examples=["zone"])
    via_code: str = Field(examples=["440399001"])
    via_name: str
    direct: bool
    stands_in_for: str = Field(description="who is absent; empty where the contract is his own")


class Ground(Told):
    """A point or street at the place, with its distance, or the zone it lies on (null)."""

    kind: str = Field(examples=["zone"])
    code: str
    name: str
    distance_m: float | None
    people: list[Person]


class Who(Told):
    """Everybody who answers, leaders first, each through his nearest ground; no ground: outside every zone."""

    on: date
    people: list[Person]
    grounds: list[Ground]


class WhoQuery(Asked):
    """A place in WGS 84 and a day."""

    lon: float = Field(ge=-180, le=180, examples=[114.055])
    lat: float = Field(ge=-90, le=90, examples=[22.535])
    on: Day | None = Field(None, description="on this day; today when left out")


@offer(Operation("GET", "/who", TAG, Who, query=WhoQuery))
def show_who(ask: Ask[WhoQuery, None]) -> Answer:
    """Tell who answers at a place on a day: for the points and streets it is at, and for its zone."""
    query = ask.query
    found = service.who_is_here(ask.session, current_settings(), query.on or today(), (query.lon, query.lat))
    grounds = [Ground(**{**vars(each), "people": _people(each.people)}) for each in found.grounds]
    return Answer(Who(on=found.on, people=_people(found.people), grounds=grounds))


def _people(people: tuple[service.Person, ...]) -> list[Person]:
    return [Person(**vars(person)) for person in people]
