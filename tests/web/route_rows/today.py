"""The dispatcher's home, trends and the search; see `test_routes.GUARDED`."""

CITY = {"admin", "dispatcher", "gis"}

ROWS = {
    "today.show_home": ("GET", "/dispatch/today/", None, CITY, 200),
    "today.show_now": ("GET", "/dispatch/today/now", None, CITY, 200),
    "today.show_patrols": ("GET", "/dispatch/today/patrols", None, CITY, 200),
    "trends.show_trends": ("GET", "/dispatch/trends/", None, CITY, 200),
    "trends.get_table": ("GET", "/dispatch/trends/days.csv", None, CITY, 200),
    "finding.show_findings": ("GET", "/find/?q=0", None, CITY, 200),
}
