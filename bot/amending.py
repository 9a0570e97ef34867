"""A request that its author changes while it waits: it begins again."""

from dataclasses import replace
from datetime import datetime

from bot.askable import LENGTHS
from bot.policy import Policy
from bot.refusal import Refusal
from bot.request_clocks import begun
from bot.requests import Request, RequestDraft

_TERMS = ("amount", "until", "days", *LENGTHS)


def amended(request: Request, draft: RequestDraft, policy: Policy, now: datetime) -> Request:
    """As `draft` says; nothing that was approved counts any more, and every clock begins again.

    Raises Refusal where nothing differs.
    """
    wanted = {name: getattr(draft, name) for name in _TERMS}
    if wanted == {name: getattr(request, name) for name in _TERMS}:
        raise Refusal("Nothing differs from what you have asked for.", field="amount")
    changed = replace(
        request,
        **wanted,
        approvals=(),
        granted=None,
        edition=request.edition + 1,
        amended_at=now,
        expires_at=now + policy.request_expires_after,
    )
    return begun(changed, policy, now)
