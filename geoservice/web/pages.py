"""What every template may use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, request, url_for

from geoservice.domain.lights import light_of
from geoservice.domain.roles import PERMISSIONS, Permission
from geoservice.maps.layers import rate_class
from geoservice.web import words
from geoservice.web.identity import current_account, current_scope, home_of
from geoservice.web.languages import LANGUAGE_NAMES
from geoservice.web.measure_words import written_here
from geoservice.web.static_files import asset, together
from geoservice.web.texts import current_locale

if TYPE_CHECKING:
    from geoservice.config import Settings
    from geoservice.services.accounts import Account


def attach_pages(app: Flask, settings: Settings) -> None:
    """Give the templates their words, numbers and addresses."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        area=words.write_area,
        mu=words.write_mu,
        percent=words.write_percent,
        count=words.write_count,
        days=words.write_days,
        part_days=words.write_part_days,
        length_m=words.write_length,
        minutes=words.write_minutes,
        layer_word=words.word_of_layer,
        step_word=words.word_of_step,
        budget_word=words.word_of_budget,
        mode_word=words.word_of_mode,
        point_state=words.word_of_point_state,
        due_word=words.word_of_due,
        period_word=words.word_of_period,
        day=words.write_day,
        instant=words.write_instant,
        clock=words.write_clock,
        light=light_of,
        light_word=words.word_of_light,
        role_word=words.word_of_role,
        rate_class=_class_name,
        job_kind=words.word_of_job,
        job_state=words.word_of_job_state,
        job_stage=words.word_of_stage,
        import_kind=words.word_of_import,
        detected_word=words.word_of_detected,
        patrol_state=words.word_of_patrol_state,
        problem=words.sentence_of_problem,
    )
    app.jinja_env.globals.update(asset=asset, together=together, say=words.say)
    app.context_processor(lambda: _everywhere(settings))


def _everywhere(settings: Settings) -> dict[str, Any]:
    account = current_account()
    return {
        "account": account,
        "may": _offered(account) if account else frozenset(),
        "home": home_of(account) if account else url_for("account.show_login"),
        "demo_mode": settings.demo_mode,
        "html_language": written_here().lang,
        "locale": current_locale(),
        "languages": LANGUAGE_NAMES,
        "here": request.full_path.rstrip("?") if request.method == "GET" else "",
    }


def _offered(account: Account) -> frozenset[Permission]:
    """Return what menus offer. Reports are made of the whole city, so who sees a part of it is offered the published ones."""
    permissions = PERMISSIONS[account.role]
    return permissions if current_scope().everything else permissions - {Permission.PUBLISH_REPORTS}


def _class_name(rate: float | None) -> str:
    number = rate_class(rate)
    return "none" if number < 0 else str(number)
