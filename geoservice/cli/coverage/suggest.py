"""`coverage suggest`: what to do about the gaps, on a budget."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.coverage.options import answer_json, say, window_options
from geoservice.domain.tracks import Mode
from geoservice.errors import InvalidFile
from geoservice.messages import sentence
from geoservice.services import ground
from geoservice.services import suggest as service
from geoservice.services.suggestions import Suggestion, Wanted, suggestion_geojson, suggestion_json

if TYPE_CHECKING:
    from geoservice.cli import Context
    from geoservice.domain.windows import Window


@click.command()
@window_options
@click.option("--zone", metavar="CODE", help="only this zone and all below it")
@click.option("--leader", metavar="CODE", help="only the ground this leader contracted")
@click.option("--posts", type=int, help="budget: so many places to stand")
@click.option("--minutes", type=float, help="budget: so many minutes of standing and of detours")
@click.option(
    "--mode", type=click.Choice([mode.name.lower() for mode in Mode]), default="foot", show_default=True
)
@click.option(
    "--seconds", type=float, default=Wanted.time_limit_s, show_default=True, help="what the solver may take"
)
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="GeoJSON file to write")
@click.pass_obj
def suggest(context: Context, /, window: Window, **given: Any) -> None:
    """Suggest the fewest posts or short detours that close most of the gaps, by weight, within a budget."""
    if given["zone"] and given["leader"]:
        raise click.UsageError("--zone and --leader can't be combined")
    wanted = Wanted(Mode[given["mode"].upper()], given["posts"], given["minutes"], None, given["seconds"])
    with context.transaction() as session:
        ground.refresh_masks(session, context.settings)
        zone_ids = service.ground_of(session, window.to_on, zone=given["zone"], leader=given["leader"])
        found = service.suggest(session, context.settings, window, wanted.on(zone_ids), say)

    def explain(code: str, values: dict[str, Any]) -> str:
        return sentence(code, values, context.locale)

    if given["output"]:
        _write(given["output"], json.dumps(suggestion_geojson(found, explain), ensure_ascii=False))
    if given["as_json"]:
        answer_json(suggestion_json(found, explain))
        return
    _show(found, context.locale)


def _show(found: Suggestion, locale: str) -> None:
    if found.share_closed is None:
        click.echo(sentence("suggest_no_gaps", locale=locale))
        return
    if not found.items:
        click.echo(sentence("suggest_budget_too_small", locale=locale))
        return
    for rank, item in enumerate(found.items, 1):
        click.echo(f"{rank:3d}. {sentence(*item.why(), locale)}")
    best = (
        f"proven best of {found.candidate_count} places and ways"
        if found.is_optimal
        else f"at most {100 * found.bound / found.weight_before:.1f} %"
    )
    click.echo(
        f"{len(found.items)} to do, {found.minutes:.0f} minutes: closes {found.area_closed_m2:.0f} of "
        f"{found.area_before_m2:.0f} m², {found.weight_closed:.1f} of {found.weight_before:.1f} weight "
        f"({100 * found.share_closed:.1f} %; {best}); {found.seconds:.1f} s"
    )
    if found.left_out_gaps:
        click.echo(
            f"{found.left_out_gaps} gaps of lower score were not looked at "
            f"({100 * found.left_out_weight / found.weight_before:.1f} % of the weight)"
        )


def _write(path: Path, content: str) -> None:
    """Write a file whole or not at all."""
    written = path.with_name(f".{path.name}.part")
    try:
        written.write_text(content, "utf-8")
        written.replace(path)
    except OSError as error:
        written.unlink(missing_ok=True)
        raise InvalidFile("file_not_writable", file=str(path), reason=error.strerror or str(error)) from error
