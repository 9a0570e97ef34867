"""What every door for machines asks first: whose key is this?"""

import hashlib
import hmac
from collections.abc import Mapping

from fastapi import HTTPException, Request
from fastapi.security import HTTPBearer


class ApiKeys(HTTPBearer):
    """Names by key. As a dependency it gives the name of the caller's key, or answers 401."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        super().__init__(scheme_name="API key", auto_error=False)
        self._digests = [(name, _digest(key)) for name, key in keys.items()]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self._digests)

    async def __call__(self, request: Request) -> str:  # type: ignore[override]
        return self.name(request.headers.get("authorization", ""))

    def name(self, authorization: str) -> str:
        """A wrong key takes as long to refuse, however much of it is right."""
        scheme, _, given = authorization.partition(" ")
        digest = _digest(given.strip())
        found = [name for name, key in self._digests if hmac.compare_digest(digest, key)]
        if not found or scheme.lower() != "bearer":
            raise HTTPException(
                401,
                "Send a valid API key: Authorization: Bearer KEY.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        return found[0]


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
