import json
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from playground.acme import seed
from playground.config import Config, read_manifest
from playground.server import create

File = Annotated[Path | None, typer.Option()]


def main(  # noqa: PLR0913 - the options of a command
    port: int = 8400,
    bot_url: str = Config.bot_url,
    signing_secret: str = Config.signing_secret,
    manifest: File = None,
    seed_file: Annotated[Path | None, typer.Option("--seed")] = None,
    state: File = None,
    *,
    socket_mode: bool = False,
) -> None:
    """Start a local Slack workspace."""
    config = Config(
        bot_url=bot_url,
        signing_secret=signing_secret,
        manifest=read_manifest(manifest) if manifest else None,
        seed=json.loads(seed_file.read_text()) if seed_file else seed(),
        state=state,
        socket_mode=socket_mode,
    )
    uvicorn.run(create(config), port=port, timeout_graceful_shutdown=1)


if __name__ == "__main__":
    typer.run(main)
