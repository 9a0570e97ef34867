"""The requests that wait, as one person sees them."""

from dataclasses import dataclass

from bot.chain import Chain
from bot.requests import Request


@dataclass(frozen=True)
class OpenRequest:
    """`chain` None: nobody could approve it any more. `name` and `zone` are the workflow's."""

    request: Request
    name: str
    zone: str
    chain: Chain | None


@dataclass(frozen=True)
class OpenRequests:
    """`to_answer` wait for the person, who `asked` others; `others` are shown to finance and
    admins. Each oldest first.
    """

    to_answer: tuple[OpenRequest, ...] = ()
    asked: tuple[OpenRequest, ...] = ()
    others: tuple[OpenRequest, ...] = ()
