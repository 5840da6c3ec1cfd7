"""What a leader looks for on his map, by name, initials of its pinyin or code: of what the map shows, and nothing else."""

from __future__ import annotations

from flask import render_template, request

from geoservice.services import leader_finding as service
from geoservice.web.identity import own_transaction
from geoservice.web.leader_door import leader, my_area
from geoservice.web.windows import chosen_window

LONGEST = 40


@leader.get("/find")
def show_found() -> str:
    """List what is found, each row a button that flies there: a piece of the page, asked for while somebody types."""
    wanted = request.args.get("q", "").strip()[:LONGEST]
    with own_transaction() as session:
        area = my_area(session, chosen_window().window) if wanted else None
    found = service.find_on_map(area, wanted) if area else []
    return render_template("leader/found.html", found=found, wanted=wanted)
