"""`geoservice check`: what is wrong with the ground, and snapping what is narrow."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import shapely

from geoservice.cli.answers import user_named
from geoservice.cli.imports import Day
from geoservice.messages import sentence
from geoservice.services.ground_checks.checking import check_ground
from geoservice.services.ground_checks.findings import CHECKS
from geoservice.services.ground_checks.snapping import apply_snap, propose_snap
from geoservice.store.row_changes import sign

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from geoservice.cli import Context
    from geoservice.services.ground_checks.findings import CheckResult, Finding
    from geoservice.services.ground_checks.snapping import SnappedZone

ROWS_SHOWN = 40
ABOUT = {
    "ground": "Every check below, one after the other.",
    "hierarchy": "Zones outside their parent, without one, with its code or another's name.",
    "topology": "Gaps and overlaps between the zones of a level.",
    "duplicates": "Points entered twice, and codes that look alike.",
    "codes": "Codes that contradict ZONE_CODE_PATTERN.",
}


@click.group("check")
def check() -> None:
    """Check the ground; exit code 0 when nothing is wrong, 1 when something is."""


def _add_check(name: str) -> None:
    @check.command(name, help=f"{ABOUT[name]} Exit code 0 when nothing is wrong, 1 when something is.")
    @click.option("--level", help="only this level")
    @click.option("--parent", "parent_code", metavar="CODE", help="only what lies directly below this zone")
    @click.option("--on", type=Day(), help="as of this day; today by default")
    @click.option("--json", "as_json", is_flag=True, help="as JSON, every finding with its shape")
    @click.pass_obj
    def command(context: Context, /, **given: Any) -> None:
        only = CHECKS if name == "ground" else (name,)
        with context.transaction() as session:
            report = check_ground(
                session,
                context.settings,
                given["on"] or _today(context),
                level=given["level"],
                parent_code=given["parent_code"],
                only=only,
            )
        show = _show_json if given["as_json"] else _show_text
        show(report.results, context.locale)
        if report.total:
            raise SystemExit(1)


for _name in ABOUT:
    _add_check(_name)


@check.command("snap")
@click.option("--level", required=True, help="the level whose zones are to fit each other")
@click.option("--parent", "parent_code", metavar="CODE", help="only what lies directly below this zone")
@click.option("--on", type=Day(), help="as of this day; today by default")
@click.option(
    "--tolerance", "tolerance_m", type=float, help="metres; SNAP_TOLERANCE_M by default, at most 20"
)
@click.option("--apply", "is_applied", is_flag=True, help="do it; without it the change is only shown")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def snap_command(context: Context, /, **given: Any) -> None:
    """Close gaps and overlaps nowhere wider than the tolerance; shows the new borders unless --apply is given."""
    with context.transaction() as session:
        proposed = propose_snap(
            session,
            context.settings,
            given["on"] or _today(context),
            given["level"],
            parent_code=given["parent_code"],
            tolerance_m=given["tolerance_m"],
        )
        if given["is_applied"]:
            by = user_named(session, given["by"])
            sign(session, by)
            apply_snap(session, context.settings, proposed, by=by, now=datetime.now(UTC))
    _show_snapped(proposed, is_applied=given["is_applied"], as_json=given["as_json"])


def _today(context: Context) -> date:
    return datetime.now(UTC).astimezone(context.settings.zone_info).date()


def _show_text(results: Sequence[CheckResult], locale: str) -> None:
    for result in results:
        click.echo(f"{result.check}: {result.total} found among {result.zones} zones")
        for finding in result.findings[:ROWS_SHOWN]:
            click.echo("  " + "\t".join(_cells(finding, locale)))
        if result.total > ROWS_SHOWN:
            click.echo(f"  … {result.total - ROWS_SHOWN} more (--json lists them)")


def _cells(finding: Finding, locale: str) -> list[str]:
    size = ""
    if finding.area_m2 is not None:
        size = f"{finding.area_m2:.1f} m2"
    elif finding.distance_m is not None:
        size = f"{finding.distance_m:.1f} m"
    return [
        finding.kind,
        finding.level or "point",
        " ".join(finding.codes),
        size,
        f"{finding.lon:.6f} {finding.lat:.6f}",
        sentence(finding.kind, finding.values, locale),
    ]


def _show_json(results: Sequence[CheckResult], locale: str) -> None:
    answer = {
        result.check: {
            "total": result.total,
            "zones": result.zones,
            "area_m2": round(result.area_m2, 2),
            "found": [_as_json(finding, locale) for finding in result.findings],
        }
        for result in results
    }
    click.echo(json.dumps(answer, ensure_ascii=False))


def _as_json(finding: Finding, locale: str) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "message": sentence(finding.kind, finding.values, locale),
        "level": finding.level,
        "codes": list(finding.codes),
        "names": list(finding.names),
        "area_m2": _rounded(finding.area_m2),
        "share": finding.share,
        "distance_m": _rounded(finding.distance_m),
        "can_snap": finding.can_snap,
        "lon": finding.lon,
        "lat": finding.lat,
        "geometry": None if finding.geometry is None else json.loads(shapely.to_geojson(finding.geometry)),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _show_snapped(proposed: Sequence[SnappedZone], *, is_applied: bool, as_json: bool) -> None:
    if as_json:
        click.echo(
            json.dumps(
                {
                    "applied": is_applied,
                    "zones": [
                        {
                            "code": zone.code,
                            "name": zone.name,
                            "change_m2": round(zone.change_m2, 3),
                            "area_m2": round(zone.area_m2, 1),
                            "farthest_m": round(zone.farthest_m, 3),
                            "before": json.loads(shapely.to_geojson(zone.before)),
                            "after": json.loads(shapely.to_geojson(zone.after)),
                        }
                        for zone in proposed
                    ],
                },
                ensure_ascii=False,
            )
        )
        return
    for zone in proposed[:ROWS_SHOWN]:
        click.echo(f"{zone.code}\t{zone.change_m2:+.1f} m2\tat most {zone.farthest_m:.2f} m\t{zone.name}")
    if len(proposed) > ROWS_SHOWN:
        click.echo(f"… {len(proposed) - ROWS_SHOWN} more (--json lists them)")
    done = "changed" if is_applied else "would change; --apply does it"
    click.echo(f"{len(proposed)} zones {done}")
