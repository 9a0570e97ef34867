"""Half of a surrogate pair, escaped in JSON, is no text, and no decoder goes past it."""

import re

# After whatever else is escaped or not, so that a backslash before one is not mistaken for its
# beginning.
_HALF = re.compile(
    rb"((?:[^\\]++|\\[^u]|\\u(?![dD][89a-fA-F])|\\u[dD][89abAB]..\\u[dD][c-fC-F]..)*+)"
    rb"(\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\|\Z)",
    re.DOTALL,
)


def mended(body: bytes, instead: bytes) -> bytes:
    """With `instead`, an escaped character, for every half."""
    return _HALF.sub(lambda found: found[1] + (instead if len(found[2]) > 1 else found[2]), body)
