"""`geoservice maps`: maps and sheets as files from a terminal."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from PIL import Image

from geoservice.cli import main
from tests.factories import MINE, OTHERS
from tests.pdf_text import pages_of
from tests.web.conftest import city, web_settings  # noqa: F401 - fixtures

DAYS = ("--from", "2026-03-12", "--to", "2026-03-18")


@pytest.fixture
def run(web_settings, city, tmp_path):  # noqa: F811 - fixtures
    environment = {
        "DATABASE_URL": web_settings.database_url,
        "SECRET_KEY": web_settings.secret_key,
        "REDIS_URL": web_settings.redis_url,
    }

    def call(*arguments: str, lang: str = "zh_Hans_CN"):
        return CliRunner().invoke(main, ["--lang", lang, "maps", *arguments], env=environment)

    return call


def test_sheets_of_one_leader_and_of_all(run, tmp_path):
    one, every = tmp_path / "one.pdf", tmp_path / "all.pdf"
    assert run("sheet", "--leader", "L1", *DAYS, "-o", str(one)).exit_code == 0
    (text,) = pages_of(one.read_bytes())
    assert MINE in text
    assert OTHERS not in text
    assert run("sheet", *DAYS, "-o", str(every), lang="en").exit_code == 0
    pages = pages_of(every.read_bytes())
    assert len(pages) == 3
    assert all("Coverage rate" in page for page in pages)
    unknown = run("sheet", "--leader", "nobody", "-o", str(tmp_path / "x.pdf"))
    assert unknown.exit_code == 1
    assert "Traceback" not in unknown.output


def test_a_map_as_an_offline_file_and_as_an_image_have_one_hash(run, tmp_path):
    page, image = tmp_path / "map.html", tmp_path / "map.png"
    made = run("offline", "--leader", "L1", *DAYS, "-o", str(page))
    assert made.exit_code == 0, made.output
    digest = made.stdout.strip().splitlines()[-1]
    assert digest in page.read_text("utf-8")
    assert OTHERS not in page.read_text("utf-8")
    drawn = run("draw", "--leader", "L1", *DAYS, "-o", str(image))
    assert drawn.stdout.strip().splitlines()[-1] == digest
    assert Image.open(image).text["Inputs-SHA-256"] == digest
    assert run("draw", "--level", "street", "-o", str(tmp_path / "map.gif")).exit_code == 1
    assert run("offline", "--level", "street", *DAYS, "-o", str(page)).exit_code == 0
    assert OTHERS in page.read_text("utf-8")
