"""Cases in the small city of the web's tests, and pictures to send with them."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
from PIL import Image
from sqlalchemy import text

from geoservice.domain.roles import Role
from geoservice.services import cases, deputies, evidence
from geoservice.services.cases import Actor, NewCase
from geoservice.services.deputies import NewDeputy
from geoservice.store.base import make_engine, transaction
from geoservice.store.people import AppUser
from geoservice.store.scope import EVERYTHING
from tests.factories import CELL_LAT, CELL_LON, SIDE, SOUTH, WEST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from geoservice.config import Settings
    from geoservice.services.cases import CaseView
    from tests.factories import City

KIND = "rubbish"


class Desk:
    """Makes and moves cases as the users of the city do."""

    def __init__(self, settings: Settings, city: City, now: datetime) -> None:
        self.settings, self.city, self.now = settings, city, now

    def actor(self, login: str) -> Actor:
        with self._open() as session:
            user = session.get(AppUser, self.city.user_ids[login])
            return Actor(
                user.id, Role(user.role), user.name, user.department_id, user.leader_id, user.member_id
            )

    def report(self, half: int = 0, *, by: str = "member", number: int = 0, **more) -> CaseView:
        """A case on the west (0) or east (1) half of the city; each `number` is a place of its own."""
        lon = WEST + (half * SIDE + 0.5 + 0.37 * (number % 9)) * CELL_LON
        lat = SOUTH + (0.4 + 0.4 * (number // 9)) * CELL_LAT
        said = {
            "kind": KIND,
            "title": "垃圾堆积",
            "description": "",
            "lon": lon,
            "lat": lat,
            "source": "patrol",
            **more,
        }
        new = NewCase(**said, at=self.now, client_uuid=uuid4())
        with self._open() as session:
            return cases.report(session, self.settings, new, by=self.actor(by), now=self.now)

    def act(self, case: CaseView, action: str, by: str = "dispatcher", **given) -> CaseView:
        with self._open() as session:
            return cases.act(session, self.settings, case.id, action, given, by=self.actor(by), now=self.now)

    def handed(self, half: int = 0, **more) -> CaseView:
        """A case that the handler's department has in hand."""
        case = self.report(half, **more)
        case = self.act(case, "open")
        department = self.actor("handler").department_id
        case = self.act(case, "assign", department_id=department, leader_id=self.city.leader_ids[half])
        return self.act(case, "accept", "handler")

    def read(self, case_id: int, by: str = "dispatcher"):
        with self._open() as session:
            return cases.read(session, self.settings, case_id, by=self.actor(by), now=self.now)

    def keep_photo(self, case_id: int, photo: bytes) -> None:
        """Add a photo to a case, as whoever sees everything."""
        with self._open() as session:
            evidence.take(
                session,
                self.settings,
                io.BytesIO(photo),
                subject=evidence.Subject("case", case_id),
                stage="before",
                by=None,
                at=self.now,
                now=self.now,
            )

    @contextmanager
    def deputy(self, leader_id: int, deputy_id: int, on: date) -> Iterator[None]:
        """Let somebody stand in for a leader on one day."""
        with self._open() as session:
            row_id = deputies.add_deputy(session, NewDeputy(leader_id, deputy_id, on, on), by=None)
        yield
        with self._open() as session:
            session.execute(text("DELETE FROM deputy WHERE id = :id"), {"id": row_id})

    def _open(self):
        return transaction(make_engine(self.settings.database_url), EVERYTHING)


def picture(seed: int = 0) -> bytes:
    """A JPEG that looks like no other seed's."""
    noise = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    image = Image.fromarray(noise).resize((640, 480), Image.Resampling.BICUBIC)
    made = io.BytesIO()
    image.save(made, "JPEG")
    return made.getvalue()
