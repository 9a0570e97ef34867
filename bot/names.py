"""What people call things: typed text made clean, and a key found near what was meant."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator

KEY_LENGTH = 63
# As they are typed.
_NAME_WORDS = 12

# Alone, these show nothing: controls, formats, marks without a letter, spaces.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Zs", "Zl", "Zp"}
# Blank, though letters and symbols by category.
_BLANKS = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}
# They turn round the text that follows, also outside the name.
_TURNING = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}


def tidy(text: str) -> str:
    """One line without control characters (PostgreSQL keeps no NUL); '' when nothing is visible."""
    kept = "".join(" " if c.isspace() else c for c in text if c.isspace() or not _dropped(c))
    return " ".join(kept.split()) if is_visible(kept) else ""


def tidy_lines(text: str) -> str:
    """The same for longer text, which keeps its lines."""
    return "\n".join(map(tidy, text.splitlines())).strip()


def is_visible(text: str) -> bool:
    return any(unicodedata.category(c) not in _HIDDEN and c not in _BLANKS for c in text)


def quoted(text: str, limit: int = 60) -> str:
    """What a person typed, said back in quotes: safe in mrkdwn, in plain text and on a terminal."""
    plain = re.sub(r"[<>&*~`]", "", tidy(text))
    return f"“{plain if len(plain) <= limit else plain[: limit - 1] + '…'}”"


def slug(text: str) -> str:
    """A key near the text: `Search Ränking!` → `search-ranking`; '' when nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9._]+", "-", plain).strip("-._")[:KEY_LENGTH].rstrip("-._")


def splits(words: str) -> Iterator[tuple[str, str]]:
    """Every way to part them into a name and what stands behind or before it, long names first."""
    parts = words.split()
    for length in range(min(len(parts) - 1, _NAME_WORDS), 0, -1):
        yield " ".join(parts[:length]), " ".join(parts[length:])
        yield " ".join(parts[-length:]), " ".join(parts[:-length])


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant."""
    found = difflib.get_close_matches(word[:KEY_LENGTH], list(known), n=1, cutoff=0.5)
    return found[0] if found else None


def _dropped(character: str) -> bool:
    return character in _TURNING or unicodedata.category(character) in {"Cc", "Cs"}
