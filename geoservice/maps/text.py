"""The words on a map, in the reader's language, and how its numbers are written: filled by web."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class MapText:
    """Every word on a map, translated, and how numbers are written. `maps` itself holds no language."""

    lang: str
    title: str
    map_label: str
    layer_zones: str
    layer_gaps: str
    layer_points: str
    layer_streets: str
    layer_exclusions: str
    layer_tracks: str
    layer_stretches: str
    layer_suggestions: str
    layer_ages: str
    legend: str
    coverage: str
    no_data: str
    gap: str
    exclusion: str
    point: str
    my_point: str
    street: str
    my_street: str
    stretch: str
    track: str
    suggested_post: str
    suggested_detour: str
    code: str
    category: str
    area: str
    length: str
    covered: str
    excluded: str
    gap_count: str
    zone: str
    leader: str
    nobody: str
    others: str
    days_unseen: str
    never: str
    points_inside: str
    state: str
    visited_findings: str
    visited_clean: str
    probable: str
    not_visited: str
    last_visit: str
    longest_unvisited: str
    due: str
    due_ok: str
    due_today: str
    due_tomorrow: str
    due_overdue: str
    due_never: str
    overdue_sign: str
    """What the exclamation mark on a point says: overdue, or never visited."""
    holding: str
    held_by_one: str
    held_by_none: str
    held_by_two: str
    window: str
    computed_at: str
    not_computed: str
    first_of: str
    """Says that of {kind} the first {drawn} of {found} are drawn."""
    first: str
    """The same where nobody knows how many there are."""
    not_looked_for: str
    """Says that nobody has looked for {kind} in these days."""
    zoom_in: str
    zoom_out: str
    fit: str
    full_screen: str
    exit_full_screen: str
    locate: str
    locate_failed: str
    my_position: str
    close: str
    layers: str
    write_area: Callable[[float], str]
    """Square metres → text with its unit."""
    write_length: Callable[[float], str]
    """Metres → text with its unit."""
    write_percent: Callable[[float], str]
    """A share of 1 → text with the per cent sign."""
    write_count: Callable[[int], str]
    write_days: Callable[[int], str]
    write_day: Callable[[date], str]
    write_instant: Callable[[datetime], str]
