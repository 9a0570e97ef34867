import json
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from playground.api.arguments import Arguments
from playground.api.failing import Dropped, NoAnswer
from playground.api.methods import METHODS, Method
from playground.faults import Fault
from playground.refusals import RateLimited, Refused
from playground.scopes import granted, require
from playground.shapes import Json
from playground.slack import Slack

BEARER = "bearer "


def routes(slack: Slack) -> APIRouter:
    """Slack's Web API: HTTP 200 with `ok: false` on errors, 429 with Retry-After when rushed."""
    router = APIRouter()

    @router.api_route("/api/{method}", methods=["GET", "POST"], include_in_schema=False)
    async def call(method: str, request: Request) -> Response:
        raw = await _read(request)
        number = slack.calls.arrive(method, raw)
        response, error = _answered(slack, method, request, raw)
        slack.calls.answer(number, error)
        return response

    return router


async def _read(request: Request) -> Json:
    sent: Json = dict(request.query_params)
    if request.method == "GET":
        return sent
    if request.headers.get("content-type", "").startswith("application/json"):
        return sent | _object(await request.body())
    form = await request.form()
    return sent | {name: value for name, value in form.items() if isinstance(value, str)}


def _object(body: bytes) -> Json:
    try:
        read: Any = json.loads(body or b"{}")
    except ValueError:
        return {"_broken": True}
    return read if isinstance(read, dict) else {"_broken": True}


def _answered(slack: Slack, name: str, request: Request, raw: Json) -> tuple[Response, str | None]:
    """The response, and the error's name for the log."""
    fault = slack.faults.strike(name)
    if fault and not fault.after_the_work:
        return _failed(fault), fault.kind
    try:
        answer = _done(slack, name, request, raw)
    except RateLimited as wait:
        return _rushed(wait.seconds), "ratelimited"
    except Refused as refused:
        answer = refused.answer
    if fault:
        return _failed(fault), fault.kind
    return JSONResponse(answer, headers=_scopes(slack)), answer.get("error")


def _done(slack: Slack, name: str, request: Request, raw: Json) -> Json:
    method = METHODS.get(name)
    if method is None:
        raise Refused("unknown_method", req_method=name)
    if "_broken" in raw:
        raise Refused("invalid_json")
    _authorise(slack, method, _token(request, raw))
    slack.limits.count(name, method.tier)
    if method.scope:
        require(slack, method.scope)
    args = Arguments(raw | {"_base": str(request.base_url)})
    return {"ok": True, **method.do(slack, args)}


def _token(request: Request, raw: Json) -> str:
    header = request.headers.get("authorization", "")
    if header.lower().startswith(BEARER):
        return header[len(BEARER) :].strip()
    return str(raw.get("token", ""))


def _authorise(slack: Slack, method: Method, token: str) -> None:
    if not token:
        raise Refused("not_authed")
    kinds = {slack.config.bot_token: "bot", slack.config.app_token: "app"}
    if token not in kinds:
        raise Refused("invalid_auth")
    if method.token not in {kinds[token], "any"}:
        raise Refused("not_allowed_token_type")


def _scopes(slack: Slack) -> dict[str, str]:
    scopes = granted(slack)
    return {} if scopes is None else {"x-oauth-scopes": ",".join(sorted(scopes))}


def _rushed(seconds: int) -> Response:
    answer = {"ok": False, "error": "ratelimited"}
    return JSONResponse(answer, status_code=429, headers={"Retry-After": str(seconds)})


FAILURES: dict[str, Callable[[Fault], Response]] = {
    "429": lambda fault: _rushed(fault.retry_after),
    "500": lambda _: Response("Internal Server Error", status_code=500),
    "accept_then_500": lambda _: Response("Internal Server Error", status_code=500),
    "no_answer": lambda _: NoAnswer(),
    "drop": lambda _: Dropped(),
    "accept_then_drop": lambda _: Dropped(),
}


def _failed(fault: Fault) -> Response:
    return FAILURES[fault.kind](fault)
