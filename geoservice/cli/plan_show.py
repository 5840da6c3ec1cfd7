"""A plan as `geoservice plan` writes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.coverage.options import answer_json
from geoservice.messages import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geoservice.services.planning import PlanView


def show(view: PlanView, locale: str, *, as_json: bool) -> None:
    """Write a plan for people, or as JSON: what it is, then its patrols, what is left out with a sentence each, and sums."""
    content = dict(view.content)
    told = [
        {**one, "sentence": sentence(f"unserved_{one['reason']}", one["values"], locale)}
        for one in content.get("unserved", ())
    ]
    if as_json:
        facts = {name: value for name, value in asdict(view).items() if name != "content"}
        answer_json({**facts, **content, "unserved": told})
        return
    click.echo(f"plan {view.id} “{view.name}”, version {view.version}, {view.state}")
    for patrol in content.get("patrols", ()):
        click.echo(
            f"{patrol['on']} {patrol['team']:<8} {patrol['mode']:<5} {patrol['starts']}–{patrol['ends']}  "
            f"{len(patrol['stops'])} stops, {patrol['metres'] / 1000:.1f} km"
        )
        for number, stop in enumerate(patrol["stops"], 1):
            click.echo(f"  {number:3d}. {stop['begin']}–{stop['leave']}  {stop['code']:<16} {stop['label']}")
    for one in told:
        click.echo(f"- {one['code']} {one['label']}: {one['sentence']}")
    for one in content.get("idle", ()):
        click.echo(f"- {one['on']} {one['team']} {sentence('idle_' + one['reason'], locale=locale)}")
    if content:
        _show_sums(content)


def _show_sums(content: Mapping[str, Any]) -> None:
    sums = content["totals"]
    share = 100 * sums["weight_served"] / sums["weight"] if sums["weight"] else 100.0
    click.echo(
        f"{sums['stops']} stops, {sums['unserved']} left out, {share:.1f} % of the weight; {sums['metres'] / 1000:.1f} km, "
        f"{sums['travel_s'] / 3600:.1f} h on the way, {sums['service_s'] / 3600:.1f} h at stops; longest over mean "
        f"{sums['fairness'] or '-'}"
        + ("; ways are approximate: no streets near some stops" if content["approximate"] else "")
    )


def short(value: Any) -> str:
    """Write a value in few characters."""
    return f"{value:.3f}" if isinstance(value, float) else str(value)
