from pathlib import Path
from typing import Literal

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.templating import Jinja2Templates

from playground.page import fields
from playground.slack import Slack

HERE = Path(__file__).parent


def routes(slack: Slack) -> APIRouter:
    """The page, its style and script, and where Slack's permalinks lead."""
    router = APIRouter(include_in_schema=False)
    templates = Jinja2Templates(directory=HERE)

    @router.get("/")
    async def page(request: Request) -> Response:
        return templates.TemplateResponse(request, "page.html", {"team": slack.workspace.team})

    @router.get("/docs")
    async def docs(request: Request) -> Response:
        document = request.app.openapi()
        about = {"paths": document["paths"], "fields_of": fields.reader(document)}
        about["team"] = slack.workspace.team
        return templates.TemplateResponse(request, "docs.html", about)

    @router.get("/static/{name}")
    async def static(name: Literal["page.css", "page.js"]) -> Response:
        return FileResponse(HERE / name, headers={"Cache-Control": "no-cache"})

    @router.get("/archives/{channel}/p{digits}")
    async def permalink(channel: str, digits: str) -> Response:
        return RedirectResponse(f"/#{channel}/{digits[:-6]}.{digits[-6:]}")

    return router
