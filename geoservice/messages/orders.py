"""What can go wrong with orders of supervision, and why they are raised."""

from __future__ import annotations

from geoservice.messages.marking import N_

ORDERS: dict[str, str] = {
    "order_unknown": N_("There is no such order, or it is not for you. Go back to the list of orders."),
    "order_withdrawn": N_(
        "Order {number} was withdrawn at {at}: {reason}. Nothing more is to be done about it."
    ),
    "order_received_already": N_("{name} signed the receipt of order {number} at {at} already."),
    "order_replied_already": N_("{name} replied to order {number} at {at} already. Tell {name} what to add."),
    "order_not_yours": N_("Order {number} went to others: only those it went to sign its receipt and reply."),
    "order_reply_needed": N_("Write what was done about it, in 1 to {most} characters."),
    "order_withdraw_reason": N_("Say why the order is withdrawn, in 1 to {most} characters."),
    "order_rule_share": N_("The share of the deadline must be a number from 1 to 1000 per cent, or nothing."),
    "order_rule_reworks": N_("The number of reworks must be a whole number from 1 to 20, or nothing."),
    "order_rule_repeats": N_("The number of orders before must be a whole number from 2 to 20, or nothing."),
    "order_rule_repeats_of": N_("An order can only follow from milder ones: choose a milder kind."),
    "order_rule_empty": N_(
        "Give the rule a cause: a share of the deadline, reworks, or orders before. Or switch it off."
    ),
    "order_rule_recipients": N_("Choose at least one to whom the order goes."),
    "order_rule_reply": N_("The time to reply must be 1 to 240 working hours."),
    "order_office_long": N_("The name of the office may have up to {most} characters."),
    "order_elapsed": N_("{percent} % of the time for handling is gone."),
    "order_reworked": N_("What was done was not good enough: sent back for rework, {times} so far."),
    "order_quarter_reminder": N_("{count} reminders in {quarter}."),
    "order_quarter_green": N_("{count} green orders in {quarter}."),
    "order_quarter_yellow": N_("{count} yellow orders in {quarter}."),
    "order_quarter_red": N_("{count} red orders in {quarter}."),
    "order_row_reminder": N_("{count} reminders in a row."),
    "order_row_green": N_("{count} green orders in a row."),
    "order_row_yellow": N_("{count} yellow orders in a row."),
    "order_row_red": N_("{count} red orders in a row."),
    "tasks_day_far": N_("Lists reach from 31 days back to 31 days ahead. Choose a day among these."),
    "tasks_person_unknown": N_("There is nobody with the login {login}, or he has no list of his own."),
}
