import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS thing (kind TEXT, key TEXT, body BLOB, PRIMARY KEY (kind, key))"
)
SAVE = (
    "INSERT INTO thing VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body"
)
T = TypeVar("T")


class Store:
    """One SQLite file. Every change is on disk before the call returns."""

    def __init__(self, path: Path | None) -> None:
        self._db = _connect(path)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute(SCHEMA)

    def save(self, kind: str, key: str, body: bytes) -> None:
        self._db.execute(SAVE, (kind, key, body))

    def drop(self, kind: str, key: str) -> None:
        self._db.execute("DELETE FROM thing WHERE kind = ? AND key = ?", (kind, key))

    def load(self, kind: str) -> Iterator[tuple[str, bytes]]:
        """In the order first saved."""
        yield from self._db.execute(
            "SELECT key, body FROM thing WHERE kind = ? ORDER BY rowid", (kind,)
        )

    def clear(self) -> None:
        self._db.execute("DELETE FROM thing")

    def close(self) -> None:
        self._db.close()


class Shelf(Generic[T]):
    """A dictionary of one kind of value that writes through to the store."""

    def __init__(self, store: Store, kind: str, type_: type[T]) -> None:
        self._store, self._kind = store, kind
        self._things = {k: msgspec.json.decode(b, type=type_) for k, b in store.load(kind)}

    def __getitem__(self, key: str) -> T:
        return self._things[key]

    def __setitem__(self, key: str, value: T) -> None:
        self._store.save(self._kind, key, msgspec.json.encode(value))
        self._things[key] = value

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._things.values()))

    def __len__(self) -> int:
        return len(self._things)

    def __contains__(self, key: object) -> bool:
        return key in self._things

    def get(self, key: str) -> T | None:
        return self._things.get(key)

    def drop(self, key: str) -> None:
        self._store.drop(self._kind, key)
        self._things.pop(key, None)


def _connect(path: Path | None) -> sqlite3.Connection:
    """Made in one thread and then used by the server's loop alone, which may be another's."""
    return sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
