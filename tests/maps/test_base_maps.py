"""What a deployment may offer as base maps: settings that are refused at the start, hosts in the policies, tiles of files on disk."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pmtiles.tile import TileType

from geoservice.config import Settings
from geoservice.errors import BadSettings
from geoservice.web.base_maps import offered_base_map
from tests.maps.base_map_kit import make_deployment, png, water_tile, write_archive
from tests.maps.samples import leader_area

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient

    from tests.maps.base_map_kit import Deployment

KEY = "0123456789abcdef0123456789abcdef"
OWN = {"base_map_url": "https://{s}.map.example.gov.cn:8443/{z}/{x}/{y}.png"}
OWN_HOSTS = [f"https://{name}.map.example.gov.cn:8443" for name in "abc"]
TIANDITU_HOSTS = [f"https://t{number}.tianditu.gov.cn" for number in range(8)]
AMAP_HOSTS = [
    f"https://web{kind}0{number}.is.autonavi.com" for kind in ("rd", "st") for number in range(1, 5)
]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASE_MAP_URL", "https://tiles.example.gov.cn/{z}/{x}.png"),
        ("BASE_MAP_URL", "https://tiles.example.gov.cn/{z}/{x}/{y}/{-y}"),
        ("BASE_MAP_URL", "https://tiles.example.gov.cn/{z}/{x}/{y}?key={key}"),
        ("BASE_MAP_URL", "ftp://tiles.example.gov.cn/{z}/{x}/{y}"),
        ("BASE_MAP_URL", "//tiles.example.gov.cn/{z}/{x}/{y}"),
        ("BASE_MAP_URL", "https://a.cn;script-src*/{z}/{x}/{y}"),
        ("BASE_MAP_URL", "https://a.cn/{z}/{x}/{y} https://b.cn"),
        ("BASE_MAP_URL", "https://{x}.cn/{z}/{x}/{y}"),
        ("BASE_MAP_MAX_ZOOM", "0"),
        ("TIANDITU_KEY", "my key"),
        ("BASE_MAP_FOLDER", "/nowhere/at/all"),
    ],
)
def test_a_wrong_setting_is_named_at_the_start(name: str, value: str) -> None:
    with pytest.raises(BadSettings) as refused:
        Settings.from_env({"SECRET_KEY": "k9" * 20 + "abcdefgh", name: value})
    assert name in refused.value.values["faults"]


@pytest.mark.parametrize(
    "url",
    [
        "https://tiles.example.gov.cn/{z}/{x}/{y}.png",
        "http://10.0.0.8:8080/tms/{z}/{x}/{-y}{r}.png?key=a%20b",
        "https://{s}.example.cn/{z}/{x}/{y}",
        "/tiles/{z}/{x}/{y}.png",
        "https://t{s}.example.cn/w?LAYER=vec&TILECOL={x}&TILEROW={y}&TILEMATRIX={z}",
    ],
)
def test_usual_templates_are_taken(url: str) -> None:
    settings = Settings.from_env({"SECRET_KEY": "k9" * 20 + "abcdefgh", "BASE_MAP_URL": url})
    assert settings.base_map_url == url


@pytest.fixture(scope="module")
def site(redis_url: str) -> Deployment:
    return make_deployment(leader_area(), redis_url)


def images_of(client: FlaskClient, address: str) -> list[str]:
    policy = client.get(address).headers["Content-Security-Policy"]
    (found,) = [part.split()[1:] for part in policy.split("; ") if part.startswith("img-src")]
    return found


@pytest.mark.parametrize(
    ("settings", "hosts"),
    [
        ({}, []),
        (OWN, OWN_HOSTS),
        ({"base_map_url": "/tiles/{z}/{x}/{y}"}, []),
        ({"tianditu_key": KEY}, TIANDITU_HOSTS),
        ({"amap": True}, AMAP_HOSTS),
        ({**OWN, "tianditu_key": KEY, "amap": True}, OWN_HOSTS + TIANDITU_HOSTS + AMAP_HOSTS),
    ],
)
def test_policies_list_exactly_the_hosts_that_are_configured(
    site: Deployment, settings: dict[str, Any], hosts: list[str]
) -> None:
    site.offer(**settings)
    client = site.app.test_client()
    for address in ("/around", "/around/map"):
        assert images_of(client, address) == ["'self'", "data:", *sorted(hosts)], address
    assert images_of(client, "/login") == ["'self'", "data:"], "a page without a map"
    assert "connect-src" not in client.get("/around/map").headers["Content-Security-Policy"]


def test_what_a_map_opens_with_is_the_browsers_choice_then_the_settings_then_the_first(
    site: Deployment, tmp_path: Path
) -> None:
    write_archive(tmp_path / "市区.pmtiles", {(0, 0, 0): png("#abc")}, TileType.PNG)

    def first(cookie: str = "") -> str:
        with site.app.test_request_context(headers={"Cookie": f"base-map={cookie}"}):
            found = offered_base_map()
            assert found is not None
            return found.first

    site.offer(**OWN, amap=True, base_map_folder=str(tmp_path))
    assert [first(), first("amap-images"), first("none"), first("nonsense")] == [
        "own",
        "amap-images",
        "",
        "own",
    ]
    assert first("%E5%B8%82%E5%8C%BA") == "市区"
    site.offer(**OWN, amap=True, base_map_first="none")
    assert [first(), first("own")] == ["", "own"]


def test_names_of_base_maps_that_are_not_there_stop_the_start(site: Deployment) -> None:
    with pytest.raises(BadSettings) as refused:
        site.offer(**OWN, base_map_first="tianditu")
    assert "one of none, own" in refused.value.values["faults"]


@pytest.mark.parametrize("damage", [slice(0, 60), slice(0, 140), slice(20, None), slice(0, 0)])
def test_a_damaged_file_stops_the_start_and_is_named(site: Deployment, tmp_path: Path, damage: slice) -> None:
    file = tmp_path / "city.pmtiles"
    write_archive(file, {(0, 0, 0): png("#abc")}, TileType.PNG, {"name": "x"})
    file.write_bytes(file.read_bytes()[damage])
    write_archive(tmp_path / "none.pmtiles", {(0, 0, 0): png("#abc")}, TileType.PNG)
    with pytest.raises(BadSettings) as refused:
        site.offer(base_map_folder=str(tmp_path))
    assert "city.pmtiles" in refused.value.values["faults"]
    assert "none.pmtiles" in refused.value.values["faults"]


def address_of(app: Flask, key: str) -> str:
    with app.test_request_context():
        found = offered_base_map()
        assert found is not None
        (sheet,) = next(each.sheets for each in found.sets if each.key == key)
        return sheet.url


def test_tiles_of_a_file_go_to_whoever_was_given_their_address(site: Deployment, tmp_path: Path) -> None:
    tile, far = png("#abc"), png("#123")
    # So many places that the file has directories below its first.
    rows = np.random.default_rng(7).choice(4096**2, 9_000, replace=False)
    many = {(12, int(row) % 4096, int(row) // 4096): b"%d" % row for row in rows}
    write_archive(tmp_path / "photo.pmtiles", {(0, 0, 0): tile, **many, (13, 1, 2): far}, TileType.PNG)
    write_archive(tmp_path / "vector.pmtiles", {(1, 1, 0): water_tile()}, TileType.MVT)
    site.offer(base_map_folder=str(tmp_path))
    stranger = site.app.test_client()

    def get(template: str, *place: int):
        return stranger.get(template.format(**dict(zip("zxy", place, strict=True))))

    raster, vector = (address_of(site.app, key) for key in ("photo", "vector"))
    answer = get(raster, 0, 0, 0)
    assert (answer.data, answer.mimetype) == (tile, "image/png")
    assert answer.headers["Cache-Control"].endswith("immutable")
    assert "Set-Cookie" not in answer.headers
    assert get(raster, 13, 1, 2).data == far
    assert all(get(raster, *place).data == data for place, data in list(many.items())[::1300])
    assert [get(raster, *place).status_code for place in ((0, 0, 1), (5, 3, 3), (14, 0, 0), (30, 9, 9))] == [
        404
    ] * 4
    answer = get(vector, 1, 1, 0)
    assert gzip.decompress(answer.data) == gzip.decompress(water_tile())
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert (get(vector, 1, 0, 0).status_code, get(vector, 1, 0, 0).data) == (200, b""), (
        "nothing to paint there"
    )
    seal = raster.split("/")[2]
    assert stranger.get(raster.replace(seal, "0" * 32).format(z=0, x=0, y=0)).status_code == 404
    assert stranger.get(vector.replace(vector.split("/")[2], seal).format(z=1, x=1, y=0)).status_code == 404
