"""The colours of app.css and map.css, checked by simulation instead of by taste."""

import re
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from geoservice.maps.ages import AGE_COLOURS
from geoservice.maps.cases import SIGNS
from geoservice.maps.patrols import STOP_SIGNS
from geoservice.maps.plans import COLOURS, DASHES, sign_of

STYLES = Path(__file__).resolve().parents[2] / "static/css"
APP_CSS = (STYLES / "app.css").read_text(encoding="utf-8")
MAP_CSS = (STYLES / "map.css").read_text(encoding="utf-8")

# Full colour blindness after Machado, Oliveira and Fernandes (2009), on linear RGB.
SIGHT = {
    "usual": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def tokens(selector: str, css: str = APP_CSS) -> dict[str, str]:
    found = re.search(re.escape(selector) + r" \{(.*?)\n\}", css, re.DOTALL)
    assert found is not None
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", found[1]))


LIGHT = tokens(":root") | tokens(":root", MAP_CSS)
DARK = LIGHT | tokens('[data-bs-theme="dark"]')


def linear(colour: str) -> NDArray[np.float64]:
    values = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(light: NDArray[np.float64]) -> float:
    return float(np.clip(light, 0, 1) @ [0.2126, 0.7152, 0.0722])


def lightness(light: NDArray[np.float64]) -> float:
    """L* of CIELAB, 0 (black) to 100 (white)."""
    return 116 * max(luminance(light), 0.008856) ** (1 / 3) - 16


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(linear(one)), luminance(linear(other))))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("sight", SIGHT)
def test_the_order_of_the_coverage_classes_shows_in_lightness_to_every_eye(sight: str) -> None:
    steps = [lightness(SIGHT[sight] @ linear(LIGHT[f"coverage-{index}"])) for index in range(5)]
    assert all(paler - darker >= 6 for paler, darker in pairwise(steps))
    assert steps[0] - steps[-1] >= 45


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("ground", [f"coverage-{index}" for index in range(5)])
def test_a_gap_stands_out_on_every_class_by_edge_or_by_fill(sight: str, ground: str) -> None:
    below = lightness(SIGHT[sight] @ linear(LIGHT[ground]))
    differences = [
        abs(lightness(SIGHT[sight] @ linear(LIGHT[name])) - below) for name in ("map-gap", "map-gap-fill")
    ]
    assert max(differences) >= 20


@pytest.mark.parametrize("sight", SIGHT)
def test_the_order_of_the_ages_shows_in_lightness_to_every_eye(sight: str) -> None:
    steps = [lightness(SIGHT[sight] @ linear(colour)) for colour in AGE_COLOURS]
    assert all(recent - older >= 6 for recent, older in pairwise(steps))
    assert steps[0] - steps[-1] >= 60


@pytest.mark.parametrize("sight", SIGHT)
def test_one_leader_none_and_two_differ_in_lightness_to_every_eye(sight: str) -> None:
    steps = [lightness(SIGHT[sight] @ linear(LIGHT[f"holding-{name}"])) for name in ("one", "none", "two")]
    assert all(paler - darker >= 10 for paler, darker in pairwise(steps))


@pytest.mark.parametrize("line", ["holding-none", "holding-two"])
def test_the_hatching_of_responsibility_can_be_seen_on_its_ground(line: str) -> None:
    assert contrast(LIGHT[f"{line}-line"], LIGHT[line]) >= 1.5


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("ground", [*(f"coverage-{index}" for index in range(5)), *AGE_COLOURS])
@pytest.mark.parametrize(
    ("line", "casing"), [("map-stretch", "map-stretch-casing"), ("map-suggestion", "map-suggestion-ink")]
)
def test_a_cased_line_stands_out_on_every_ground(sight: str, ground: str, line: str, casing: str) -> None:
    """On a ground as light as one of the two, the other shows; between them there is always an edge."""
    seen = [lightness(SIGHT[sight] @ linear(LIGHT[name])) for name in (line, casing)]
    below = lightness(SIGHT[sight] @ linear(LIGHT.get(ground, ground)))
    assert abs(seen[0] - seen[1]) >= 50
    assert max(abs(light - below) for light in seen) >= 30


@pytest.mark.parametrize("badge", ["clean", "findings", "probable", "missed", "late"])
def test_a_badge_can_be_read_inside(badge: str) -> None:
    assert contrast(LIGHT[f"map-{badge}"], LIGHT["map-badge-ground"]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "ground"),
        ("ink", "sheet"),
        ("ink-soft", "ground"),
        ("ink-soft", "sheet"),
        ("ink-soft", "sheet-sunk"),
        ("accent", "ground"),
        ("accent", "sheet"),
        ("accent-ink", "accent"),
        ("ink", "accent-soft"),
        ("good", "good-soft"),
        ("warn", "warn-soft"),
        ("bad", "bad-soft"),
        ("bad", "sheet"),
        ("map-gap-ink", "map-gap"),
        ("map-point-ink", "map-point"),
        ("map-point-ink", "map-mine"),
        ("map-suggestion-ink", "map-suggestion"),
    ],
)
def test_text_can_be_read(theme: dict[str, str], ink: str, ground: str) -> None:
    assert contrast(theme[ink], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_focus_and_control_edges_can_be_seen(theme: dict[str, str]) -> None:
    assert contrast(theme["focus"], theme["ground"]) >= 3
    assert contrast(theme["edge-strong"], theme["sheet"]) >= 2.5


# Far enough apart to be told from each other side by side on a map: CIE 1976, in which about 2 is just noticed.
APART = 10.0
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = TO_XYZ @ np.ones(3)


def lab(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIELAB of linear sRGB, under D65."""
    share = TO_XYZ @ np.clip(light, 0, 1) / WHITE
    x, y, z = np.where(share > 0.008856, np.cbrt(share), 7.787 * share + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(one: str, other: str, sight: str) -> float:
    return float(np.linalg.norm(lab(SIGHT[sight] @ linear(one)) - lab(SIGHT[sight] @ linear(other))))


def test_the_difference_is_that_of_the_published_lab_values() -> None:
    # L*a*b* of sRGB's red and green under D65 (Lindbloom): 53.24, 80.09, 67.20 and 87.73, -86.18, 83.18.
    assert difference("#ff0000", "#00ff00", "usual") == pytest.approx(170.6, abs=0.1)
    assert difference("#808080", "#808080", "deutan") == 0


SCALES = {
    "coverage": [LIGHT[f"coverage-{index}"] for index in range(5)],
    "least seen beside unknown": [LIGHT["coverage-0"], LIGHT["coverage-none"]],
    "ages": list(AGE_COLOURS),
    "answering": [LIGHT[f"holding-{name}"] for name in ("one", "none", "two")],
    "what stretches and suggestions are drawn in": [LIGHT["map-stretch"], LIGHT["map-suggestion"]],
}


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("scale", SCALES)
def test_neighbours_in_a_scale_are_told_apart_by_every_eye(scale: str, sight: str) -> None:
    assert min(difference(one, other, sight) for one, other in pairwise(SCALES[scale])) >= APART


def styles(name: str) -> tuple[str, dict[str, str]]:
    css = (STYLES / name).read_text(encoding="utf-8")
    return css, tokens(":root", css)


def ways() -> list[tuple[str, object]]:
    """Thirty-two teams of a plan: the colour of each and its dashes; its letter is its own in any case."""
    css = (STYLES / "plan.css").read_text(encoding="utf-8")
    colours = re.findall(r"--plan-\d: (#[0-9a-f]{6});", css)
    assert len(colours) == COLOURS
    return [(colours[sign.colour], sign.dash) for sign in map(sign_of, range(COLOURS * DASHES))]


def outcomes() -> list[tuple[str, object]]:
    css, colours = styles("desk.css")
    rules = dict(re.findall(r"^\.diff-(\w+) \{(.*?)\}", css, re.MULTILINE))
    dashes = {name: re.search(r"stroke-dasharray: ([\d ]+)", rule) for name, rule in rules.items()}
    return [
        (colours[f"diff-{name}"], (dash and dash[1], "stroke-width: 1;" in rules[name]))
        for name, dash in dashes.items()
    ]


def stops() -> list[tuple[str, object]]:
    """Each look of a stop by its outline, and whether it is filled or hollow."""
    _, colours = styles("replay.css")
    colour_of = {"skipped": "stop-missed", "unknown": "stop-open"}
    dashed_or_hollow = {"open": "hollow", "unknown": "dashed", "skipped": "hollow"}
    return [
        (colours[colour_of.get(look, f"stop-{look}")], (outline, dashed_or_hollow.get(look, "filled")))
        for look, outline in STOP_SIGNS.items()
    ]


def deadlines() -> list[tuple[str, object]]:
    css = (STYLES / "cases.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"^\.case-(\w+) \{ fill: (#[0-9a-f]{3,6});", css, re.MULTILINE))
    colours["over"] = "#ffffff"
    return [(colours[look], outline) for look, outline in SIGNS.items()]


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("kinds", [ways, outcomes, stops, deadlines], ids=lambda kinds: kinds.__name__)
def test_what_looks_alike_to_an_eye_differs_in_form(kinds, sight: str) -> None:
    """Of any two signs on one map, dashes, outline or filling differ, or else the colours do to this eye too."""
    for (one, form), (other, other_form) in combinations(kinds(), 2):
        assert form != other_form or difference(one, other, sight) >= APART, (one, other)
