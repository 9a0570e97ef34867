"""What tests and the page can do and see, under /control/."""

from fastapi import APIRouter

from playground.control import doing, faulting, managing, seeing
from playground.slack import Slack


def routes(slack: Slack) -> APIRouter:
    router = APIRouter(prefix="/control")
    for part in (doing, seeing, managing, faulting):
        router.include_router(part.routes(slack))
    return router
