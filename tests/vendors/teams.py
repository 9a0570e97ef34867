"""GitHub, Cursor and OpenRouter, as they honestly answer."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from tests.vendors.standin import Asked

SEATS = "/orgs/acme/copilot/billing/seats"
FIRST = 1_795_046_400_000  # 19 Nov 2026 00:00 UTC


@dataclass
class GitHub:
    """`used` by login, '' for whoever has no seat: (gross, net). A page holds `size` seats."""

    used: dict[str, tuple[str, str]] = field(default_factory=dict)
    seats: list[str | None] = field(default_factory=list)
    size: int = 100

    def __call__(self, asked: Asked) -> Any:
        query = dict(asked.query)
        if asked.path == SEATS:
            first = (int(query["page"]) - 1) * self.size
            there = self.seats[first : first + self.size]
            return {"total_seats": len(self.seats), "seats": [a_seat(one) for one in there]}
        people = [query["user"]] if "user" in query else list(self.used)
        period = {name: int(query[name]) for name in ("year", "month", "day")}
        return {
            "timePeriod": period,
            "organization": "acme",
            "usageItems": [an_item(*self.used[one]) for one in people if one in self.used],
        }


def a_seat(login: str | None) -> dict[str, Any]:
    assignee = login and {"login": login, "id": 7, "type": "User"}
    return {"created_at": "2026-06-01T00:00:00Z", "assignee": assignee, "plan_type": "business"}


def an_item(gross: str, net: str) -> dict[str, Any]:
    amounts = {"grossAmount": Decimal(gross), "netAmount": Decimal(net)}
    return {"product": "Copilot", "sku": "AI credits", "model": "GPT-5", **amounts}


@dataclass
class Cursor:
    """`cents` of each event, `apart` milliseconds from each other. A page holds `size`, whatever is
    asked for.
    """

    cents: list[str] = field(default_factory=list)
    size: int = 4
    apart: int = 60_000

    def __call__(self, asked: Asked) -> Any:
        question = msgspec.json.decode(asked.body)
        at = (question["page"] - 1) * self.size
        events = [an_event(n % 3, one, FIRST + n * self.apart) for n, one in enumerate(self.cents)]
        asked_for = [
            one
            for one in events
            if question["startDate"] <= int(one["timestamp"]) <= question["endDate"]
        ]
        return {
            "totalUsageEventsCount": len(asked_for),
            "pagination": {"hasNextPage": at + self.size < len(asked_for), "pageSize": self.size},
            "usageEvents": asked_for[at : at + self.size],
        }


def an_event(person: int, cents: str, at: int) -> dict[str, Any]:
    return {
        "timestamp": str(at),
        "userEmail": f"u{person}@acme.example",
        "model": "gpt-5",
        "kind": "Usage-based",
        "isChargeable": True,
        "chargedCents": Decimal(cents),
    }


def activity(asked: Asked) -> Any:
    """Of every day the same five lines."""
    rows = [a_row(asked["date"], f"e{n}", f"ws-{n % 2}") for n in range(5)]
    return {"data": rows}


def a_row(day: str, endpoint: str, workspace: str) -> dict[str, Any]:
    return {
        "date": day,
        "model": "openai/gpt-5",
        "endpoint_id": endpoint,
        "workspace_id": workspace,
        "usage": Decimal("0.125"),
        "requests": 3,
    }
