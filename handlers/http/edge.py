"""What every door for machines asks first: whose key is this?"""

import hashlib
import hmac
from collections.abc import Mapping

from fastapi import HTTPException, Request
from starlette.responses import JSONResponse

CHALLENGE = {"WWW-Authenticate": "Bearer"}
NO_KEY = "Send a valid API key: Authorization: Bearer KEY."


class ApiKeys:
    """Names by key. A wrong key takes as long to refuse whatever it looks like."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._names = [(name, _digest(key)) for name, key in keys.items()]

    def name_of(self, authorization: str | None) -> str | None:
        scheme, _, given = (authorization or "").partition(" ")
        digest = _digest(given.strip())
        found = [name for name, key in self._names if hmac.compare_digest(digest, key)]
        return found[0] if found and scheme.lower() == "bearer" else None

    def __call__(self, request: Request) -> str:
        """As a dependency: the key's name, or 401."""
        name = self.name_of(request.headers.get("authorization"))
        if name is None:
            raise HTTPException(401, NO_KEY, headers=CHALLENGE)
        return name


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def refused(status: int, reason: str, **headers: str) -> JSONResponse:
    return JSONResponse({"detail": reason}, status, headers=headers)
