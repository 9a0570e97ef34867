"""Half of a surrogate pair, escaped in JSON, is no text, and no decoder goes past it."""

import re

# Or whatever else is escaped, so that a backslash before one is not mistaken for its beginning.
_ESCAPED = re.compile(
    rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


def mended(body: bytes, instead: bytes) -> bytes:
    """With `instead`, an escaped character, for every half."""
    return _ESCAPED.sub(lambda one: instead if one["half"] else one[0], body)
