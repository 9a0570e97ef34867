import math
import time

from playground.refusals import RateLimited

# Calls a minute per method, workspace and app: Slack's tiers 1 to 4, and "special".
PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100, 5: 600}
POSTS_PER_MINUTE = 300
POST_BURST = 3


class Bucket:
    """Holds `size` calls at most and gains `rate` a second."""

    def __init__(self, size: float, rate: float) -> None:
        self._size, self._rate = size, rate
        self._left, self._at = size, time.monotonic()

    def wait(self) -> float:
        """Take one call and return 0, or return the seconds until there is one."""
        now = time.monotonic()
        self._left = min(self._size, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return (1 - self._left) / self._rate
        self._left -= 1
        return 0


class Limits:
    """Slack's rate limits; a minute's worth may come at once, then it is the steady rate."""

    def __init__(self, *, on: bool) -> None:
        self._on = on
        self._buckets: dict[str, Bucket] = {}

    def clear(self) -> None:
        self._buckets.clear()

    def count(self, method: str, tier: int) -> None:
        per_minute = PER_MINUTE[tier]
        self._take(method, per_minute, per_minute / 60)

    def count_post(self, channel: str) -> None:
        """`chat.postMessage`: one a second per channel, several hundred a minute in all."""
        self._take(f"post {channel}", POST_BURST, 1)
        self._take("post", POSTS_PER_MINUTE, POSTS_PER_MINUTE / 60)

    def _take(self, name: str, size: float, rate: float) -> None:
        if not self._on:
            return
        wait = self._buckets.setdefault(name, Bucket(size, rate)).wait()
        if wait:
            raise RateLimited(math.ceil(wait))
