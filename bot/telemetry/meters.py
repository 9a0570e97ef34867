"""Which metrics count tokens or money, and what each of their points is part of."""

from dataclasses import dataclass
from enum import StrEnum

from bot.telemetry import claude_code, codex, gemini_cli


class Part(StrEnum):
    """Of a call. FRESH input leaves out what was read from or written to a cache (READ, WRITTEN);
    INPUT includes it, and CACHE_READ and CACHE_WRITE are the shares of it.
    """

    INPUT = "input"
    FRESH = "fresh"
    OUTPUT = "output"
    READ = "read"
    WRITTEN = "written"
    CACHE_READ = "cache_read"
    CACHE_WRITE = "cache_write"
    COST = "cost"


@dataclass(frozen=True)
class Meter:
    """`parts` by the value of the attribute `by`; one without that attribute counts `part`.

    `client` is the only one that sends it. A `makeshift` counts where its sender has nothing else.
    """

    part: Part | None = None
    by: str = ""
    parts: tuple[tuple[str, Part], ...] = ()
    client: str | None = None
    makeshift: bool = False

    def part_of(self, kind: str) -> Part | None:
        return dict(self.parts).get(kind) if self.by else self.part


_INFERENCE = "gen_ai.client.inference.usage."

METERS = {
    "claude_code.cost.usage": Meter(Part.COST, client=claude_code.CLIENT),
    "claude_code.token.usage": Meter(
        by="type",
        parts=(
            ("input", Part.FRESH),
            ("output", Part.OUTPUT),
            ("cacheRead", Part.READ),
            ("cacheCreation", Part.WRITTEN),
        ),
        client=claude_code.CLIENT,
    ),
    "gemini_cli.token.usage": Meter(
        by="type",
        parts=(
            ("input", Part.INPUT),
            ("output", Part.OUTPUT),
            ("thought", Part.OUTPUT),
            ("cache", Part.CACHE_READ),
            ("tool", Part.INPUT),
        ),
        client=gemini_cli.CLIENT,
    ),
    # Its other kinds are shares and sums of these.
    "codex.turn.token_usage": Meter(
        by="token_type",
        parts=(
            ("input", Part.INPUT),
            ("output", Part.OUTPUT),
            ("cached_input", Part.CACHE_READ),
        ),
        client=codex.CLIENT,
    ),
    f"{_INFERENCE}input_tokens": Meter(Part.INPUT),
    f"{_INFERENCE}output_tokens": Meter(Part.OUTPUT),
    f"{_INFERENCE}cache_read.input_tokens": Meter(Part.CACHE_READ),
    f"{_INFERENCE}cache_write.input_tokens": Meter(Part.CACHE_WRITE),
    "gen_ai.client.token.usage": Meter(
        by="gen_ai.token.type",
        parts=(
            ("input", Part.INPUT),
            ("prompt", Part.INPUT),
            ("output", Part.OUTPUT),
            ("completion", Part.OUTPUT),
        ),
        makeshift=True,
    ),
}

# What tells apart the streams that belong together.
TYPES = frozenset(meter.by for meter in METERS.values() if meter.by)
# These have meters of their own, so that the conventions' would repeat them.
OWN = frozenset(meter.client for meter in METERS.values() if meter.client)
