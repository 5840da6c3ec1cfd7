"""Answers are packed, files have addresses that change with them, and no size tells a secret."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path

import brotli
import pytest
from backports import zstd
from flask import request

from geoservice.web.static_files import JOINED, asset, stamped_address, together

STATIC = Path(__file__).parents[2] / "static"
UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress, None: bytes}
TILE = "/ogc/collections/zones/tiles/WebMercatorQuad/0/0/0"


def unpacked(answer) -> bytes:
    return UNPACK[answer.headers.get("Content-Encoding")](answer.data)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
@pytest.mark.parametrize(
    "path", ["/dispatch/", "/dispatch/map/frame", "/ogc/collections", "/ogc/collections/zones/items"]
)
def test_packed_answers_say_the_same_in_fewer_bytes(as_user, path, coding):
    client = as_user("dispatcher")
    plain, packed = (client.get(path, headers={"Accept-Encoding": one}) for one in ("identity", coding))
    assert packed.headers["Content-Encoding"] == coding
    assert len(packed.data) == packed.content_length < len(plain.data)
    without_tokens = [re.sub(rb'value="[^"]{60,}"', b"", unpacked(answer)) for answer in (plain, packed)]
    assert without_tokens[0] == without_tokens[1]
    for answer in (plain, packed):
        assert "accept-encoding" in answer.headers["Vary"].lower()


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_file_is_kept_for_good_under_the_address_a_page_gives(client, coding):
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+\.(?:css|js)[^"]*)"', client.get("/login").text)
    assert len(addresses) > 3
    for address in addresses:
        plain, packed = (
            client.get(address, headers={"Accept-Encoding": one}, buffered=True)
            for one in ("identity", coding)
        )
        for answer in (plain, packed):
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert unpacked(answer) == plain.data
        assert len(packed.data) == packed.content_length < len(plain.data)
        headers = {"Accept-Encoding": coding, "If-None-Match": packed.headers["ETag"]}
        assert client.get(address, headers=headers, buffered=True).status_code == 304


def _without_addresses(text: str) -> str:
    return re.sub(r"url\([^)]*\)|(?m:^//# sourceMappingURL=.*$)", "", text)


def test_what_comes_together_says_what_its_files_say(app, client):
    with app.test_request_context():
        address_of = {name: together(name) for name in JOINED}
    for name, paths in JOINED.items():
        text = client.get(address_of[name]).text
        for path in paths:
            own = (STATIC / path).read_text("utf-8")
            assert _without_addresses(own) in _without_addresses(text), (name, path)
        for named in re.findall(r"url\(['\"]?(?!data:|#)([^'\")]+)", text):
            assert client.get(named, buffered=True).status_code == 200, (name, named)


@pytest.mark.parametrize(
    "address", ["/static/css/app.css", "/static/css/app.css?v=old", "/static/at-000000000000/css/app.css"]
)
def test_an_address_that_names_no_present_state_is_asked_for_each_time(client, address):
    assert client.get(address, buffered=True).headers["Cache-Control"] == "no-cache"


def test_files_of_a_map_are_kept_for_good_and_lie_beside_each_other(as_user):
    client = as_user("dispatcher")
    html = client.get("/dispatch/map/frame").text
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', html)
    folders = {re.match(r"/static/at-\w+/", one)[0] for one in addresses}
    assert len(folders) == 1
    assert [one.rpartition("/")[2] for one in addresses if "/together/" in one] == [
        "map-libraries.js",
        "map.js",
        "map.css",
    ]
    for address in [*addresses, f"{folders.pop()}node_modules/leaflet/dist/images/layers.png"]:
        answer = client.get(address, buffered=True)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_changed_file_has_another_address(app, tmp_path):
    (tmp_path / "package-lock.json").write_text("{}")
    for part in ("css", "js", "img"):
        (tmp_path / part).mkdir()
    file = tmp_path / "js/a.js"
    file.write_text("1")
    kept, app.static_folder = app.static_folder, str(tmp_path)
    try:
        with app.test_request_context():
            before = asset("js/a.js"), stamped_address()
        os.utime(file, ns=(0, file.stat().st_mtime_ns + 1_000_000))
        with app.test_request_context():
            after = asset("js/a.js"), stamped_address()
    finally:
        app.static_folder = kept
    assert not set(before) & set(after)


@pytest.mark.parametrize(
    "address", ["/static/../wsgi.py", "/static/at-1/%2e%2e/wsgi.py", "/static/nothing.js", "/static/css"]
)
def test_nothing_else_is_served(client, address):
    assert client.get(address).status_code == 404


def test_a_part_of_a_file_is_sent_as_it_is(client):
    headers = {"Accept-Encoding": "gzip", "Range": "bytes=0-9"}
    answer = client.get("/static/css/app.css", headers=headers, buffered=True)
    assert (answer.status_code, answer.data) == (206, (STATIC / "css/app.css").read_bytes()[:10])
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_the_tag_of_a_packed_state_names_the_state(app, as_user, coding):
    client = as_user("dispatcher")
    tag = client.get(TILE).headers["ETag"].removesuffix('"')
    assert client.get(TILE, headers={"If-None-Match": f'{tag}:{coding}"'}).status_code == 304
    assert client.get(TILE, headers={"If-None-Match": f'{tag}:other"'}).status_code == 204
    with app.test_request_context(method="PATCH", headers={"If-Match": f'{tag}:{coding}", "b"'}):
        app.preprocess_request()
        assert request.if_match.contains(tag.removeprefix('"'))


@pytest.mark.parametrize(
    ("headers", "is_packed"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({}, False),
        ({"Referer": "https://localhost/dispatch/"}, True),
        ({"Referer": "https://localhost.example/"}, False),
    ],
)
def test_what_another_site_makes_a_browser_ask_is_answered_plainly(as_user, headers, is_packed):
    """Else the size of a page with a guess in its address would tell whether the guess stands on the page (BREACH)."""
    client = as_user("dispatcher")
    cookie = client.get_cookie("geoservice")
    client.set_cookie("geoservice", cookie.value, secure=False)
    answer = client.get(
        "/dispatch/?q=guess", base_url="https://localhost", headers={"Accept-Encoding": "gzip", **headers}
    )
    assert answer.status_code == 200
    assert ("Content-Encoding" in answer.headers) == is_packed


def test_strangers_have_no_secret_and_packed_answers(app):
    answer = app.test_client().get(
        "/login",
        base_url="https://localhost",
        headers={"Accept-Encoding": "gzip", "Sec-Fetch-Site": "cross-site"},
    )
    assert answer.headers["Content-Encoding"] == "gzip"


def test_a_file_hangs_on_no_session(as_user):
    """A cookie that is renewed once a minute would have the browser ask for all of them again."""
    answer = as_user("dispatcher").get("/static/css/app.css", buffered=True)
    assert "Cookie" not in answer.headers["Vary"]
    assert "Set-Cookie" not in answer.headers
