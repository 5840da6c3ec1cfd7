"""Answers: JSON as a model writes it, an ETag, links to the pages of a list; 304 for what a client holds already."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Response, request, url_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import BaseModel

    from geoservice.web.api.models import Keyed, Page, Paged

Row = TypeVar("Row")


@dataclass(frozen=True)
class Answer:
    """What a view found. `tag`: names the state of one thing that can be changed; `wake`: jobs to tell the workers of.

    `kept`: the body as an earlier request was answered it.
    """

    content: BaseModel | None
    tag: str | None = None
    location: str | None = None
    wake: Sequence[int] = ()
    kept: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The body: as it was kept of an earlier request, or as the model writes it."""
        if self.kept is not None:
            return self.kept
        return self.content.model_dump_json(by_alias=True) if self.content is not None else ""


def page_answer(
    model: type[Page[Any]], items: Sequence[Any], total: int, asked: Paged, **more: Any
) -> Answer:
    """Return one page of a list with the links to the others; `more` is what this list tells beside its items."""
    content = model(items=list(items), total=total, page=asked.page, per_page=asked.per_page, **more)
    return Answer(content, headers=_links(asked, total))


def keyed_answer(content: Keyed[Any]) -> Answer:
    """Return one part of a list that goes on by key, with the link to the next."""
    if content.after is None:
        return Answer(content)
    asked_again: dict[str, Any] = {**request.args.to_dict(), "after": content.after}
    return Answer(
        content, headers={"Link": f'<{url_for(request.endpoint or "", **asked_again)}>; rel="next"'}
    )


def cut_answer(
    model: type[Page[Any]],
    everything: Sequence[Row],
    asked: Paged,
    item: Callable[[Row], Any],
    **more: Any,
) -> Answer:
    """Return one page of a list that is all there; `item` writes one of its rows."""
    shown = [item(row) for row in everything[asked.first : asked.first + asked.per_page]]
    return page_answer(model, shown, len(everything), asked, **more)


def answer_of(answer: Answer, status: int) -> Response:
    """Return the response; a GET with the tag of what is there still is answered 304."""
    text = answer.text
    response = Response(text, status, content_type="application/json")
    if not text:
        del response.headers["Content-Type"]
    response.headers.update(answer.headers)
    if answer.location:
        response.headers["Location"] = answer.location
    digest = hashlib.sha256(text.encode()).hexdigest()
    if answer.tag is not None:
        # A change asks for the state alone; what is derived from elsewhere makes another text of the same state.
        response.set_etag(f"{answer.tag}-{digest[:12]}")
    elif request.method in {"GET", "HEAD"}:
        response.set_etag(digest[:32], weak=True)
    if request.method in {"GET", "HEAD"}:
        # A client may keep it, but asks each time whether it still holds.
        response.headers["Cache-Control"] = "private, no-cache"
        response.make_conditional(request)
    return response


def _links(asked: Paged, total: int) -> dict[str, str]:
    last = max(1, -(-total // asked.per_page))
    pages = {"first": 1, "prev": asked.page - 1, "next": asked.page + 1, "last": last}
    wanted = {rel: page for rel, page in pages.items() if 1 <= page <= last}
    shown = {**request.args.to_dict(), **(request.view_args or {})}
    links = [
        f'<{url_for(request.endpoint or "", **{**shown, "page": page})}>; rel="{rel}"'
        for rel, page in wanted.items()
    ]
    return {"Link": ", ".join(links), "X-Total-Count": str(total)}
