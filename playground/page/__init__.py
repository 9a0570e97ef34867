from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from playground.slack import Slack

HERE = Path(__file__).parent


def routes(slack: Slack) -> APIRouter:
    """The page, its style and script, and where Slack's permalinks lead."""
    router = APIRouter()
    templates = Jinja2Templates(directory=HERE)
    router.mount("/static", StaticFiles(directory=HERE), name="static")

    @router.get("/", include_in_schema=False)
    async def page(request: Request) -> Response:
        return templates.TemplateResponse(request, "page.html", {"team": slack.workspace.team})

    @router.get("/archives/{channel}/p{digits}", include_in_schema=False)
    async def permalink(channel: str, digits: str) -> Response:
        return RedirectResponse(f"/#{channel}/{digits[:-6]}.{digits[-6:]}")

    return router
