"""Orders of supervision: raised when they fall due, answered by those they went to, withdrawn with a reason, and their rules."""

from __future__ import annotations

from geoservice.services.orders.answering import (
    LONGEST_REASON,
    LONGEST_REPLY,
    receipt,
    reply,
    went_to,
    withdraw,
)
from geoservice.services.orders.raising import raise_due
from geoservice.services.orders.reading import OrderPage, find, mine, of_case, read
from geoservice.services.orders.rules import (
    LONGEST_OFFICE,
    Preview,
    check_rule,
    current_rules,
    office,
    preview,
    rules_in_words,
    save_office,
    save_rules,
)
from geoservice.store.order_list import OrderFilters, OrderView

__all__ = [
    "LONGEST_OFFICE", "LONGEST_REASON", "LONGEST_REPLY", "OrderFilters", "OrderPage", "OrderView", "Preview", "check_rule", "current_rules",
    "find", "mine", "of_case", "office", "preview", "raise_due", "read", "receipt", "reply", "rules_in_words", "save_office",
    "save_rules", "went_to", "withdraw",
]  # fmt: skip
