"""What a process that reads the bodies of strangers may take, and when it ends."""

import os
import signal
import sys
from collections.abc import Callable
from multiprocessing import parent_process
from threading import Thread
from typing import TypeVar

if sys.platform != "win32":
    import resource

# Of which a process takes a quarter to begin with, and the largest body as much again.
_MOST_BYTES = 800_000_000
# The largest body of honest records takes two seconds.
_MOST_SECONDS = 20

_T = TypeVar("_T")


class TooMuch(Exception):
    """A small body can unfold into gigabytes, or into minutes of work."""


def be_bounded() -> None:
    """Before the first body."""
    # Ctrl-C reaches the whole group; the bot ends its readers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    if sys.platform != "win32":
        signal.signal(signal.SIGALRM, _end_work)
        resource.setrlimit(resource.RLIMIT_DATA, (_MOST_BYTES, resource.RLIM_INFINITY))


def within_limits(work: Callable[..., _T], body: bytes, *others: object) -> _T:
    """Raises TooMuch, and what `work` raises."""
    _alarm(_MOST_SECONDS)
    try:
        return work(body, *others)
    except MemoryError:
        much = "It unfolds into more than can be held. Send fewer records at once."
    finally:
        _alarm(0)
    raise TooMuch(much)


def _alarm(seconds: int) -> None:
    if sys.platform != "win32":
        signal.alarm(seconds)


def _end_work(_signal: int, _frame: object) -> None:
    raise TooMuch(f"It takes over {_MOST_SECONDS} seconds to read. Send fewer records at once.")


def _end_with_parent() -> None:
    """Killed, it could not end its readers."""
    bot = parent_process()
    if bot is not None:
        bot.join()
        os._exit(1)
