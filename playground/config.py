from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from playground.acme import seed


@dataclass(frozen=True, kw_only=True)
class Config:
    """What a playground is started with.

    `bot_url` takes the signed deliveries. `manifest` is the parsed app.yaml whose scopes,
    commands, shortcuts and events count; without it everything is granted. `state` is the SQLite
    file the workspace lives in (None: in memory). `ack_seconds` is how long a delivery may
    take (Slack: 3 s), `retry_delays` the seconds before each redelivery of an event (Slack: at
    """

    bot_url: str = "http://127.0.0.1:8300/slack/events"
    signing_secret: str = "playground-signing-secret"  # noqa: S105 - public, local only
    bot_token: str = "xoxb-playground"  # noqa: S105 - public, local only
    app_token: str = "xapp-playground"  # noqa: S105 - public, local only
    manifest: dict[str, Any] | None = None
    seed: dict[str, Any] = field(default_factory=seed)
    state: Path | None = None
    rate_limits: bool = True
    socket_mode: bool = False
    ack_seconds: float = 3.0
    retry_delays: tuple[float, ...] = (0.0, 1.0, 5.0)
    trigger_seconds: float = 3.0
    response_url_seconds: float = 1800.0


def read_manifest(path: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = YAML(typ="safe").load(path)
    return manifest
