"""Orders of supervision as the days pass: raised when they fall due, and answered in time, late, or, one of them, never."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from geoservice.domain.clocks import Clock, Run, WorkTime, due_at
from geoservice.domain.orders import OrderKind
from geoservice.services import orders
from geoservice.services.orders.raising import read_rules
from geoservice.store import demo as store
from geoservice.store import order_list

if TYPE_CHECKING:
    import numpy as np
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.accounts import Account
    from geoservice.services.demo.crew import Crew
    from geoservice.services.demo.story import Story, Thread

OFFICE = "澄溪区城市运行管理中心"
# When what changed is looked at: the scheduler looks every minute, and little falls due in between but by the most urgent clocks.
_LOOKS = (time(11), time(15), time(19))
_LATE, _NEVER = 0.15, 4  # the share of late replies; the order that nobody answers, by its turn
_REPLIES = {
    OrderKind.REMINDER: "已督促经办人员，将在时限内办结。",
    OrderKind.GREEN: "已派员现场处置，延误系人员调配所致，今后将提前安排。",
    OrderKind.YELLOW: "分管负责同志已到现场督办，遗留问题逐项整改，举一反三开展自查。",
    OrderKind.RED: "主要负责同志已牵头整改，问题已解决；已完善值守与巡查制度，杜绝再次发生。",
    OrderKind.TALK: "按要求参加约谈，已形成整改方案并上报，定期报告进展。",
}


class Supervision:
    """Raises orders by the clock of a story, and lets whom they went to answer."""

    def __init__(
        self, session: Session, settings: Settings, crew: Crew, story: Story, rng: np.random.Generator,
        hours: WorkTime,
    ) -> None:  # fmt: skip
        self._session, self._settings, self._crew = session, settings, crew
        self._story, self._rng, self._hours = story, rng, hours
        self._reply_hours = {rule.kind: rule.reply_hours for rule in read_rules(session)}
        self._look_at: datetime | None = None
        self._next_at: datetime | None = None
        self.raised = 0

    def note_change(self, at: datetime) -> None:
        """Look at the cases again soon after a clock started or went on."""
        if self._look_at is None:
            self._look_at = self._look_after(at)

    def raise_first(self, until: datetime) -> bool:
        """Raise what falls due first by a moment; False where nothing does."""
        at = min((each for each in (self._look_at, self._next_at) if each), default=None)
        if at is None or at > until:
            return False
        self.raise_all(at)
        return True

    def raise_all(self, at: datetime) -> None:
        """Raise what is due."""
        made = orders.raise_due(self._session, self._settings, now=at)
        self._look_at, self._next_at = None, store.next_order_at(self._session)
        if made:
            for view in order_list.views(self._session, made):
                self.raised += 1
                self._story.begin(self._answered(view, self.raised))

    def _answered(self, view: order_list.OrderView, turn: int) -> Thread:
        """Sign the receipt, and reply within the hours that the rule gives, or later."""
        receiver = self._receiver(view)
        if receiver is None:
            return
        received_at = self._passed(float(self._rng.uniform(0.2, 8.0)), view.made_at)
        late, share = self._rng.random() < _LATE, float(self._rng.uniform(0.35, 0.92))
        hours = self._reply_hours[OrderKind(view.kind)] * (share + (0.8 if late else 0.0))
        replied_at = self._passed(hours, view.made_at)
        if received_at < replied_at:  # who replies before anything else signs the receipt with it
            yield received_at
            orders.receipt(self._session, self._settings, view.id, by=receiver, now=received_at)
        if turn != _NEVER:
            yield replied_at
            words = _REPLIES[OrderKind(view.kind)]
            orders.reply(self._session, self._settings, view.id, words, by=receiver, now=replied_at)

    def _receiver(self, view: order_list.OrderView) -> Account | None:
        """Return who answers for the department that an order went to."""
        to = (one.get("department_id") for one in view.recipients)
        return next((self._crew.handler_of(number) for number in to if number is not None), None)

    def _passed(self, hours: float, since: datetime) -> datetime:
        return due_at(Run(Clock.WORKING_HOURS, hours, since), self._hours)

    def _look_after(self, at: datetime) -> datetime:
        local = at.astimezone(self._hours.zone)
        looks = (datetime.combine(local.date(), look, self._hours.zone) for look in _LOOKS)
        tomorrow = datetime.combine(local.date() + timedelta(days=1), _LOOKS[0], self._hours.zone)
        return next((look for look in looks if look > at), tomorrow)
