"""`geoservice evidence`: what is listed for a backup is what lies there, and a missing original is said with exit code 1."""

from __future__ import annotations

import io
import json
import subprocess
from datetime import UTC, datetime

from click.testing import CliRunner

from geoservice.cli import main
from geoservice.config import Settings
from geoservice.services import evidence
from geoservice.services.check_ins import NewCheckIn, record
from geoservice.services.evidence import Subject
from geoservice.store.base import make_engine, transaction
from tests.photo_kit import jpeg
from tests.services.ground_kit import add_point

NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)


def test_originals_are_listed_as_sha256sum_reads_them_and_verified(new_database, redis_url, tmp_path):
    url = new_database()
    environment = {"DATABASE_URL": url, "REDIS_URL": redis_url, "DEMO_MODE": "1", "VAR_DIR": str(tmp_path)}
    settings = Settings(database_url=url, secret_key="x" * 40, var_dir=tmp_path)
    with transaction(make_engine(url)) as session:
        new = NewCheckIn(NOW, False, point_id=add_point(session, settings, "P1", (100, 100)))
        subject = Subject("check_in", record(session, settings, new, now=NOW).id)
        evidence.take(
            session, settings, io.BytesIO(jpeg(1)), subject=subject, stage="other", by=None, at=NOW, now=NOW
        )

    def run(*arguments: str):
        return CliRunner(env=environment).invoke(main, ["evidence", *arguments])

    assert "1 originals are listed" in run("manifest", "--output", str(tmp_path / "photos.sha256")).output
    checked = subprocess.run(
        ["sha256sum", "--check", "photos.sha256"], cwd=tmp_path, capture_output=True, check=True, text=True
    )
    assert checked.stdout.count(": OK") == 1
    assert json.loads(run("verify", "--json").output) == {
        "whole": 1,
        "missing": [],
        "changed": [],
        "unreferred": 0,
        "good": True,
    }
    next((tmp_path / "photos").rglob("original")).unlink()
    broken = run("verify")
    assert broken.exit_code == 1
    assert "1 are missing" in broken.output
