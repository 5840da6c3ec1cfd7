"""Called by `scripts/screenshots`, with a throw-away PostgreSQL and Redis named in the environment."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from scripts.house.telling import say
from scripts.shots.acts import act_in_the_city
from scripts.shots.camera import Camera, open_browser
from scripts.shots.city import City, running_city
from scripts.shots.readme import take_readme
from scripts.shots.walk import EMPTY_ROLES, ROLES, find_pages


def main() -> None:
    asked = _parse()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="geoservice-shots-") as var,
        running_city(Path(var), demo=not asked.empty) as city,
        sync_playwright() as playwright,
        open_browser(playwright) as browser,
    ):
        camera = Camera(browser, city.url, asked.folder)
        if asked.readme:
            take_readme(camera, city)
        else:
            _take_all(camera, city, asked)
    if not asked.readme:
        said = camera.write_notes()
        say(f"{camera.taken} pictures in {asked.folder}; {said} notes in notes.txt")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="screenshots", allow_abbrev=False)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--only", default="")
    return parser.parse_args()


def _take_all(camera: Camera, city: City, asked: argparse.Namespace) -> None:
    strangers = () if asked.empty else act_in_the_city(camera, city)
    roles = EMPTY_ROLES if asked.empty else ROLES
    pages = [*strangers, *find_pages(camera.requests_of, city, roles)]
    wanted = [page for page in pages if asked.only in page.name]
    say(f"{len(wanted)} pages")
    for language in ("zh_Hans_CN", "en"):
        for theme in ("light", "dark") if asked.dark else ("light",):
            camera.take(wanted, city, language, theme)


if __name__ == "__main__":
    main()
