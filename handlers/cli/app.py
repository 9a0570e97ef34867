"""`budget-bot`: every command by its name."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from handlers.cli.contract import contract
from handlers.cli.database import migrate_command, version_command
from handlers.cli.doctor import doctor_command
from handlers.cli.opening import check_reachable, settings_of
from handlers.cli.saying import flowing, refusals
from handlers.cli.source import source
from handlers.cli.usage import import_command
from handlers.files.manifest import manifest_for, manifest_text
from handlers.settings import ServeSettings

app = typer.Typer(
    name="budget-bot",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Keeps AI spend inside visible budgets with one owner each.",
    epilog="Try it without Slack:  budget-bot demo  ·  Settings are environment variables "
    "(BUDGET_BOT_…) or a .env file:  budget-bot doctor  says what is missing.",
)
app.add_typer(contract, name="contract")
app.add_typer(source, name="source")


@app.command()
def serve() -> None:
    """Answer Slack and machines, until stopped. Migrates the database first.

    Wants a bot token, and an app token (Socket Mode) or a signing secret (HTTP).

    Example:  budget-bot serve
    """
    with refusals():
        settings = settings_of(ServeSettings)
        asyncio.run(check_reachable(settings))
        # Slack, HTTP and the clock take a second to load; no other command waits for them.
        from handlers.main import serve as run  # noqa: PLC0415

        run(settings)


@app.command()
def demo(
    *,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the last demo.")] = False,
    usage: Annotated[
        Path | None,
        typer.Option(help="Replay this trace (CSV) instead."),
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0.01, help="How much faster than life a trace is replayed.")
    ] = 10,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The bot's port.")] = 8300,
    playground_port: Annotated[
        int, typer.Option(min=1, max=65535, help="The local Slack's port.")
    ] = 8400,
) -> None:
    """Start the bot and a local Slack workspace in the browser. Needs nothing configured.

    Example:  budget-bot demo --fresh
    """
    with refusals():
        from handlers.demo.run import Demo, run  # noqa: PLC0415 - as in `serve`

        run(Demo(fresh, usage, speed, port, playground_port))


@app.command()
def manifest(
    *,
    url: Annotated[
        str | None,
        typer.Option(help="The bot's public address, for HTTP instead of Socket Mode."),
    ] = None,
) -> None:
    """Print the Slack app manifest, to paste at api.slack.com/apps.

    Example:  budget-bot manifest --url https://budget.example.com
    """
    with refusals():
        typer.echo(manifest_text() if url is None else manifest_for(url), nl=False)


for _name, _command in (
    ("import", import_command),
    ("doctor", doctor_command),
    ("migrate", migrate_command),
    ("version", version_command),
):
    app.command(_name, help=flowing(_command.__doc__))(_command)
