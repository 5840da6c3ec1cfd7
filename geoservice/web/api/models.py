"""What requests and answers are made of: models that check what comes, write what goes, and describe both."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema

from geoservice.formats.text import text_fault

Item = TypeVar("Item")
Model = TypeVar("Model", bound="Told")

MOST_PER_PAGE = 1000
MOST_BY_KEY = 200
MOST_PAGES = 1_000_000
LARGEST_ID = 2_147_483_647
LARGEST_LONG_ID = 9_223_372_036_854_775_807
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
# Wide enough for a whole number of any kind, and still exact in JavaScript and in an index.
BBOX = re.compile(r"^-?\d{1,3}(\.\d{1,15})?(,-?\d{1,3}(\.\d{1,15})?){3}$", re.ASCII)


def _storable(text: str) -> str:
    if text_fault(text):
        raise ValueError("holds a character that can't be stored")
    return text


def _in_years(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"must be from {FIRST_DAY} to {LAST_DAY}")
    return day


def _instant_in_years(at: datetime) -> datetime:
    _in_years(at.date())
    return at


def _corners(text: str) -> str:
    west, south, east, north = (float(part) for part in text.split(","))
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise ValueError("must be west,south,east,north in degrees, west ≤ east and south ≤ north")
    return text


Text = Annotated[str, Field(max_length=500), AfterValidator(_storable)]
LongText = Annotated[str, Field(max_length=2000), AfterValidator(_storable)]
Code = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_storable)]
Day = Annotated[date, AfterValidator(_in_years)]
Instant = Annotated[AwareDatetime, AfterValidator(_instant_in_years)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
LongId = Annotated[int, Field(ge=1, le=LARGEST_LONG_ID)]
Bbox = Annotated[
    str,
    Field(
        pattern=BBOX.pattern,
        description="west,south,east,north in degrees (WGS 84); what touches this box",
        examples=["114.05,22.53,114.07,22.54"],
    ),
    AfterValidator(_corners),
]
Attributes = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": True,
            "description": "what imports kept beside our own fields",
        }
    ),
]


class Given(BaseModel):
    """What a client sends: nothing unknown, no number in quotes."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Asked(BaseModel):
    """The part of an address after the question mark."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Paged(Asked):
    """Which part of a list."""

    page: int = Field(1, ge=1, le=MOST_PAGES, description="from 1")
    per_page: int = Field(100, ge=1, le=MOST_PER_PAGE, description="how many at once")

    @property
    def first(self) -> int:
        """How many rows come before this page."""
        return (self.page - 1) * self.per_page


class Limited(Asked):
    """How much of a list that goes on by key: what is added meanwhile moves nothing."""

    limit: int = Field(50, ge=1, le=MOST_BY_KEY, description="how many at once")


class AskedByKey(Limited):
    """Which part of it."""

    after: Text | None = Field(None, description="as the answer before told")


class AskedById(Limited):
    """The same where the key is an id, and what follows is older."""

    after: LongId | None = Field(None, description="as the answer before told")


class Told(BaseModel):
    """What we answer."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class Page(Told, Generic[Item]):
    """A part of a list. The header Link leads to the other parts."""

    items: list[Item]
    total: int = Field(description="how many there are on all pages", examples=[1])
    page: int = Field(examples=[1])
    per_page: int = Field(examples=[100])


class Keyed(Told, Generic[Item]):
    """A part of a list that goes on by key. The header Link leads to the next."""

    items: list[Item]
    after: str | None = Field(description="asks for those that follow; null: these were the last")


def tell(model: type[Model], thing: object, **otherwise: Any) -> Model:
    """Return what a model tells of a thing: its values of the same names, and `otherwise` what is told in other words."""
    told = {name: getattr(thing, name) for name in model.model_fields if name not in otherwise}
    return model(**told, **otherwise)


def corners_of(bbox: str | None) -> dict[str, float]:
    """Return a checked bbox as the named values of a statement; empty without one."""
    if bbox is None:
        return {}
    return dict(zip(("west", "south", "east", "north"), map(float, bbox.split(",")), strict=True))
