from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from geoservice.services.importing.versions import Action, Timing, Version, decide

DAY = date(2026, 1, 1)


def _apply(versions: list[Version], content: str, timing: Timing) -> list[Version]:
    """What the store does with a decision."""
    decision = decide(versions, content, None, timing)
    kept = list(versions)
    new = Version(len(versions) + 1, decision.valid_from, decision.valid_to, content)
    match decision.action:
        case Action.NEW:
            kept.append(new)
        case Action.SUCCEED:
            kept = [replace(each, valid_to=timing.day) if each == decision.version else each for each in kept]
            kept.append(new)
        case Action.REWRITE:
            kept = [replace(each, content=content) if each == decision.version else each for each in kept]
    return sorted(kept, key=lambda each: each.valid_from or date.min)


def _content_on(versions: list[Version], day: date) -> str | None:
    found = [version.content for version in versions if version.is_valid_on(day)]
    assert len(found) <= 1, "two versions hold on one day"
    return found[0] if found else None


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from("abc")), max_size=12))
def test_on_any_day_holds_what_was_said_last_for_that_day_or_before(said: list[tuple[int, str]]) -> None:
    versions: list[Version] = []
    for offset, content in sorted(said, key=lambda each: each[0]):
        versions = _apply(versions, content, Timing(today=DAY + timedelta(days=offset)))
    for offset in range(22):
        expected = None
        for when, content in sorted(said, key=lambda each: each[0]):
            if when <= offset or expected is None:  # the first one holds since ever
                expected = content if when <= offset else sorted(said, key=lambda each: each[0])[0][1]
        first_day = [content for when, content in said if when == min(day for day, _ in said)] if said else []
        if said and offset < min(when for when, _ in said):
            # Nobody had said anything yet: what was said on the first day holds since ever, before it was corrected.
            assert _content_on(versions, DAY + timedelta(days=offset)) in first_day
        else:
            assert _content_on(versions, DAY + timedelta(days=offset)) == expected


@given(
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from("abc")), max_size=12),
    st.integers(0, 20),
    st.sampled_from("abc"),
)
def test_saying_it_twice_changes_nothing(said: list[tuple[int, str]], offset: int, content: str) -> None:
    versions: list[Version] = []
    for when, what in said:  # in any order: days that lie before others, too
        versions = _apply(versions, what, Timing(today=DAY, starts=DAY + timedelta(days=when)))
        for day in range(-1, 23):
            _content_on(versions, DAY + timedelta(days=day))
    timing = Timing(today=DAY, starts=DAY + timedelta(days=offset))
    once = _apply(versions, content, timing)
    assert _content_on(once, timing.day) == content
    assert decide(once, content, None, timing).action == Action.KEEP


def test_a_correction_keeps_the_validity() -> None:
    stored = [Version(1, None, None, "wrong")]
    decision = decide(stored, "right", None, Timing(today=DAY, correct=True))
    assert (decision.action, decision.version) == (Action.REWRITE, stored[0])


def test_what_stands_aside_changes_in_place() -> None:
    stored = [Version(1, None, None, "same", {"note": 1})]
    assert decide(stored, "same", {"note": 2}, Timing(today=DAY)).action == Action.REWRITE
