"""What tests and the page can do and see, under /control/."""

from starlette.routing import BaseRoute

from playground.control import doing, faulting, managing, seeing
from playground.slack import Slack


def routes(slack: Slack) -> list[BaseRoute]:
    parts = (doing, seeing, managing, faulting)
    return [route for part in parts for route in part.routes(slack).routes]
