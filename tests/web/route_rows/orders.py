"""Routes of the blueprints `orders` and `my_orders`."""

from __future__ import annotations

DESK = {"admin", "dispatcher"}
HANDLERS = {"leader", "handler"}

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "orders.show_orders": ("GET", "/orders/", None, DESK, 200),
    "orders.show_order": ("GET", "/orders/{nobody}", None, DESK, 404),
    "orders.show_paper": ("GET", "/orders/{nobody}/paper", None, DESK, 404),
    "orders.get_paper": ("GET", "/orders/{nobody}/paper.pdf", None, DESK, 404),
    "orders.get_papers": ("GET", "/orders/papers.pdf", None, DESK, 200),
    "orders.withdraw": ("POST", "/orders/{nobody}/withdraw", {"reason": "x"}, DESK, 404),
    "orders.show_rules": ("GET", "/orders/rules", None, DESK, 200),
    "orders.save_rules": ("POST", "/orders/rules", {"do": "save"}, DESK, 400),
    "my_orders.show_orders": ("GET", "/orders/mine/", None, HANDLERS, 200),
    "my_orders.show_order": ("GET", "/orders/mine/{nobody}", None, HANDLERS, 404),
    "my_orders.show_paper": ("GET", "/orders/mine/{nobody}/paper", None, HANDLERS, 404),
    "my_orders.get_paper": ("GET", "/orders/mine/{nobody}/paper.pdf", None, HANDLERS, 404),
    "my_orders.sign": ("POST", "/orders/mine/{nobody}/receipt", {}, HANDLERS, 404),
    "my_orders.reply": ("POST", "/orders/mine/{nobody}/reply", {"reply": "x"}, HANDLERS, 404),
}
