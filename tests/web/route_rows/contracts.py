"""Routes of the blueprint `contracts`."""

from __future__ import annotations

DESK = {"admin", "dispatcher"}
HOME = "/dispatch/contracts"

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "contracts.show_contracts": ("GET", f"{HOME}/", None, DESK, 200),
    "contracts.add_contract": ("POST", f"{HOME}/", {"leader": ""}, DESK, 400),
    "contracts.show_contract": ("GET", f"{HOME}/{{nobody}}", None, DESK, 404),
    "contracts.save_contract": ("POST", f"{HOME}/{{nobody}}", {}, DESK, 404),
    "contracts.end_contract": ("POST", f"{HOME}/{{nobody}}/end", {}, DESK, 404),
    "contracts.remove_contract": ("POST", f"{HOME}/{{nobody}}/remove", {}, DESK, 404),
    "contracts.show_ground": ("GET", f"{HOME}/ground/zone/{{zone}}", None, DESK, 200),
    "contracts.show_who": ("GET", f"{HOME}/who?place=114.051,22.531", None, DESK, 200),
    "contracts.show_who_map": ("GET", f"{HOME}/who/map", None, DESK, 200),
    "contracts.show_holes": ("GET", f"{HOME}/holes", None, DESK, 200),
    "contracts.show_hand_over": ("GET", f"{HOME}/hand-over", None, DESK, 200),
    "contracts.hand_over": ("POST", f"{HOME}/hand-over", {"on": "never"}, DESK, 400),
    "contracts.show_deputies": ("GET", f"{HOME}/deputies", None, DESK, 200),
    "contracts.add_deputy": ("POST", f"{HOME}/deputies", {"leader": ""}, DESK, 400),
    "contracts.end_deputy": ("POST", f"{HOME}/deputies/{{nobody}}/end", {}, DESK, 404),
    "contracts.show_departments": ("GET", f"{HOME}/departments", None, DESK, 200),
    "contracts.add_department": ("POST", f"{HOME}/departments", {"code": ""}, DESK, 400),
    "contracts.save_department": ("POST", f"{HOME}/departments/{{nobody}}", {"name": "x"}, DESK, 404),
    "contracts.add_person": ("POST", f"{HOME}/people", {"code": ""}, DESK, 400),
    "contracts.save_person": ("POST", f"{HOME}/people/{{nobody}}", {}, DESK, 404),
    "contracts.show_roles": ("GET", f"{HOME}/roles", None, DESK, 200),
    "contracts.add_role": ("POST", f"{HOME}/roles", {"code": "A B"}, DESK, 400),
    "contracts.save_role": ("POST", f"{HOME}/roles/nobody", {"name_zh": "x"}, DESK, 404),
    "contracts.remove_role": ("POST", f"{HOME}/roles/nobody/remove", {}, DESK, 404),
}
