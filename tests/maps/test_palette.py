"""The colours of app.css and map.css, checked by simulation instead of by taste."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from geoservice.maps.ages import AGE_COLOURS

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
