"""What patrols did beside what was planned."""

from geoservice.services.patrols.caught_up import settle_wanted
from geoservice.services.patrols.counting import PatrolCount, count_patrols
from geoservice.services.patrols.following import find_patrol, list_patrols
from geoservice.services.patrols.lines import PatrolLines, patrol_lines
from geoservice.services.patrols.tallies import Tally
from geoservice.services.patrols.values import ExtraView, PatrolView, StopView
from geoservice.services.patrols.weeks import MissedStop, TeamWeek, Week, week_of

__all__ = [
    "ExtraView",
    "MissedStop",
    "PatrolCount",
    "PatrolLines",
    "PatrolView",
    "StopView",
    "Tally",
    "TeamWeek",
    "Week",
    "count_patrols",
    "find_patrol",
    "list_patrols",
    "patrol_lines",
    "settle_wanted",
    "week_of",
]
