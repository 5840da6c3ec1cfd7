"""A request with a client's own number does its work once: the same again is answered the same, another body is refused."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import request

from geoservice.errors import Conflict
from geoservice.store import access_tokens
from geoservice.store.access_tokens import AnsweredRequest
from geoservice.web.api.answers import Answer
from geoservice.web.api.problems import Refusal
from geoservice.web.identity import the_account

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel
    from sqlalchemy.orm import Session

HEADER = "Idempotency-Key"


def answered_once(
    session: Session, raw: bytes, body: BaseModel | None, status: int, work: Callable[[], Answer]
) -> Answer:
    """Do the work and keep its answer, or return what was answered before; of two equal requests at once one waits."""
    key = _key(body)
    if key is None:
        return work()
    user_id, asked = the_account().id, _hash(raw)
    known = access_tokens.answered(session, user_id, key)
    if known is not None:
        if known.request_hash != asked:
            raise Conflict("key_used_for_another", key=str(key))
        return _again(known.answer)
    answer = work()
    access_tokens.keep_answer(
        session,
        AnsweredRequest(
            user_id=user_id, client_uuid=key, request_hash=asked, status=status, answer=_kept(answer)
        ),
    )
    return answer


def _key(body: BaseModel | None) -> UUID | None:
    written = request.headers.get(HEADER)
    if written is None:
        return getattr(body, "client_uuid", None)
    try:
        return UUID(written)
    except ValueError:
        raise Refusal(400, "key_not_uuid", value=written[:40]) from None


def _hash(raw: bytes) -> bytes:
    """Return what tells two requests apart: method, address, and the body whatever the order of its names."""
    body = json.dumps(json.loads(raw), sort_keys=True) if raw else ""
    return hashlib.sha256(f"{request.method} {request.full_path}\n{body}".encode()).digest()


def _kept(answer: Answer) -> dict[str, Any]:
    return {"text": answer.text, "tag": answer.tag, "location": answer.location, "headers": answer.headers}


def _again(kept: dict[str, Any]) -> Answer:
    return Answer(
        None,
        kept=kept["text"],
        tag=kept["tag"],
        location=kept["location"],
        headers={**kept["headers"], "Idempotency-Replayed": "true"},
    )
