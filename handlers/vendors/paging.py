"""A long answer comes in pages. Pages that repeat or never end are no answer."""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

import msgspec

from handlers.vendors.trouble import NotUnderstood

MOST_PAGES = 2000


class Pages:
    """Those had so far. Empty pages may be alike; rows that come again would be counted twice."""

    def __init__(self, vendor: str) -> None:
        self.all: list[Any] = []
        self._vendor, self._seen, self._tokens = vendor, set[bytes](), set[str]()

    def add(self, page: Any, rows: Any) -> None:  # noqa: ANN401 - JSON
        """Raises NotUnderstood."""
        if len(self.all) >= MOST_PAGES:
            raise NotUnderstood(f"{self._vendor} tells of more than {MOST_PAGES:,} pages.")
        if rows:
            known = sha256(msgspec.json.encode(rows)).digest()
            if known in self._seen:
                raise NotUnderstood(f"{self._vendor} sends the same page twice.")
            self._seen.add(known)
        self.all.append(page)

    def go_to(self, token: object) -> str:
        """Where the next page is. Raises NotUnderstood."""
        if not isinstance(token, str) or not token:
            raise NotUnderstood(f"{self._vendor} says there is more, and not where.")
        if token in self._tokens:
            raise NotUnderstood(f"{self._vendor} leads back to a page that was had: a circle.")
        self._tokens.add(token)
        return token


async def by_token(vendor: str, ask: Callable[[str | None], Awaitable[Any]]) -> list[Any]:
    """`{data, has_more, next_page}`, as OpenAI and Anthropic page. Raises Trouble."""
    pages = Pages(vendor)
    token: str | None = None
    while True:
        page = await ask(token)
        if not isinstance(page, dict) or not isinstance(page.get("data"), list):
            raise NotUnderstood(f"{vendor} sends a page without its list `data`.")
        pages.add(page, page["data"])
        if not page.get("has_more"):
            return pages.all
        token = pages.go_to(page.get("next_page"))
