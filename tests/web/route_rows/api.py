"""Routes of the blueprint `api`."""

from __future__ import annotations

CITY = {"admin", "dispatcher", "gis"}
SEEING = {*CITY, "leader"}
WRITING = {"admin", "gis"}
PATROLLING = {*SEEING, "member"}
EVERYBODY = {*PATROLLING, "inspector", "handler"}
CASES = {"admin", "dispatcher", "leader", "member", "inspector", "handler"}
ROOT = "/api/v1"


def _lists(noun: str, allowed: set[str], one: str = "", known: str = "") -> dict[str, tuple]:
    """A list, and one of it that is there (`known`) or is not."""
    path = noun.replace("_", "-")
    rows: dict[str, tuple] = {f"api.list_{noun}": ("GET", f"{ROOT}/{path}", None, allowed, 200)}
    if one:
        rows[f"api.get_{one}"] = (
            "GET",
            f"{ROOT}/{path}/{known or '{nobody}'}",
            None,
            allowed,
            200 if known else 404,
        )
    return rows


def _writes(noun: str, one: str, end: str) -> dict[str, tuple]:
    """Without a body nothing is made; without If-Match nothing is changed."""
    address = f"{ROOT}/{noun}/{{nobody}}"
    return {
        f"api.add_{one}": ("POST", f"{ROOT}/{noun}", {}, WRITING, 422),
        f"api.change_{one}": ("PATCH", address, {}, WRITING, 428),
        f"api.{end}_{one}": ("DELETE", address, None, WRITING, 428),
    }


# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "api.get_description": ("GET", f"{ROOT}/openapi.json", None, EVERYBODY, 200),
    "api.show_docs": ("GET", f"{ROOT}/docs", None, EVERYBODY, 200),
    **_lists("levels", SEEING),
    **_lists("zones", SEEING, "zone"),
    **_writes("zones", "zone", "end"),
    **_lists("point_categories", SEEING),
    **_lists("points", SEEING, "point"),
    **_writes("points", "point", "remove"),
    **_lists("streets", SEEING, "street"),
    **_writes("streets", "street", "remove"),
    **_lists("exclusions", SEEING, "exclusion"),
    **_writes("exclusions", "exclusion", "end"),
    **_lists("contract_roles", SEEING),
    **_lists("contracts", SEEING, "contract"),
    **_writes("contracts", "contract", "remove"),
    **_lists("leaders", SEEING, "leader"),
    **_lists("departments", CITY, "department"),
    **_lists("teams", CITY, "team"),
    **_lists("routes", CITY, "route"),
    **_lists("patrols", CITY, "patrol"),
    **_lists("members", CITY, "member"),
    **_lists("devices", CITY, "device"),
    **_lists("tracks", CITY, "track"),
    **_lists("check_ins", PATROLLING, "check_in"),
    **_lists("cases", CASES, "case"),
    "api.report_case": ("POST", f"{ROOT}/cases", {}, CASES - {"handler"}, 422),
    "api.act_on_case": ("POST", f"{ROOT}/cases/{{nobody}}/steps", {}, CASES, 422),
    **_lists("orders", CASES - {"member", "inspector"}, "order"),
    "api.sign_order": ("POST", f"{ROOT}/orders/{{nobody}}/receipt", None, {"leader", "handler"}, 404),
    "api.reply_to_order": ("POST", f"{ROOT}/orders/{{nobody}}/reply", {}, {"leader", "handler"}, 422),
    **_lists("inspections", {"admin", "dispatcher"}, "inspection"),
    **_lists("photos", {"admin", "dispatcher"}, "photo"),
    **_lists("reports", {*SEEING, "handler"}, "report"),
    "api.add_check_in": ("POST", f"{ROOT}/check-ins", {}, {"admin", "gis", "member"}, 422),
    **_lists("imports", WRITING, "import", "{batch}"),
    "api.list_import_problems": ("GET", f"{ROOT}/imports/{{batch}}/problems", None, WRITING, 200),
    **_lists("jobs", CITY, "job", "{job}"),
    "api.cancel_job": ("POST", f"{ROOT}/jobs/{{job}}/cancel", {}, CITY, 200),
    "api.list_zone_coverage": ("GET", f"{ROOT}/coverage/zones", None, SEEING, 200),
    "api.list_street_coverage": ("GET", f"{ROOT}/coverage/streets", None, SEEING, 200),
    "api.list_zone_street_coverage": ("GET", f"{ROOT}/coverage/zone-streets", None, SEEING, 200),
    "api.list_point_states": ("GET", f"{ROOT}/coverage/points", None, SEEING, 200),
    "api.compute_window": ("POST", f"{ROOT}/coverage", {}, CITY, 422),
    "api.list_gaps": ("GET", f"{ROOT}/gaps", None, SEEING, 200),
    "api.list_unvisited": ("GET", f"{ROOT}/unvisited", None, SEEING, 200),
    "api.show_responsible": ("GET", f"{ROOT}/responsibility?lon=114.051&lat=22.531", None, SEEING, 200),
    "api.show_who": ("GET", f"{ROOT}/who?lon=114.051&lat=22.531", None, SEEING, 200),
    "api.ask_suggestion": ("POST", f"{ROOT}/suggestions", {}, CITY, 422),
    "api.get_suggestion": ("GET", f"{ROOT}/suggestions/{{job}}", None, CITY, 404),
}
