"""`coverage compute`: fixes to coverage."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from geoservice.cli.coverage.options import (
    answer_json,
    fresh_report,
    say,
    window_json,
    window_options,
)
from geoservice.jobs.cover import Manner, cover_window

if TYPE_CHECKING:
    from geoservice.cli import Context
    from geoservice.domain.windows import Window


@click.command()
@window_options
@click.option(
    "--workers", type=click.IntRange(1, 64), metavar="N",
    help="processes that share the work  [default: one a processor, at most 4; 1 for a few days]",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="the counts as JSON")
@click.pass_obj
def compute(context: Context, window: Window, workers: int | None, as_json: bool) -> None:
    """Turn the fixes of the window that wait for it into coverage, and find the gaps."""
    started = time.monotonic()
    counts = cover_window(
        context.transaction, context.settings, window.from_on, window.to_on, progress=say,
        manner=Manner(workers=workers),
    )  # fmt: skip
    with context.transaction() as session:
        counts["gaps"] = fresh_report(session, context.settings, window)
    answer = {"window": window_json(window), **counts, "seconds": round(time.monotonic() - started, 3)}
    if as_json:
        answer_json(answer)
        return
    click.echo(
        f"{counts['fixes']} fixes, {counts['segments']} segments on {counts['days']} days; "
        f"{counts['tiles']} tiles merged, {counts['rebuilt']} rebuilt; {answer['seconds']} s"
    )
    for reason, count in sorted(counts["refused"].items()):
        click.echo(f"refused: {reason} {count}")
