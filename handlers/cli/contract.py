"""`budget-bot contract export | plan | apply`."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from bot.addresses import Directory, is_person
from bot.cards.contract import PlanLine, plan_lines
from bot.cards.plan_moves import moves_said
from bot.cards.plan_recounts import recount_said
from bot.contract import Contract
from bot.plan import Plan
from bot.refusal import Refusal
from handlers.cli.opening import opened, settings_of
from handlers.cli.saying import CHANGES, flowing, out, refusals, say, warn
from handlers.files.contract import read_document
from handlers.files.contract_text import contract_text
from handlers.files.nodes import compose
from handlers.flows.apply_contract import apply_contract
from handlers.flows.plan_contract import plan_contract
from handlers.settings import Settings
from handlers.slack.asking import SlackSaysNo, asking
from handlers.slack.directory import look_up
from handlers.steps.read_registry import read_registry

_COLOURS = {"+": "green", "~": "yellow", "-": "red", "·": "dim"}

contract = typer.Typer(
    no_args_is_help=True,
    help=flowing("""Teams, workflows and the policy as one file.

    A section that is not in the file (policy, finance, admin_channel, attribution, a team, a
    workflow) is left alone. Inside one that is there, a key that is left out is its default, as if
    it had never been set; only `status` stays what it is. People are Slack ids or e-mail addresses,
    channels ids or '#names'; addresses and names are looked up in Slack, with
    BUDGET_BOT_SLACK_BOT_TOKEN."""),
    epilog="Examples:  budget-bot contract export registry.yaml  ·  "
    "budget-bot contract plan registry.yaml  ·  budget-bot contract apply registry.yaml",
)

_File = Annotated[Path, typer.Argument(metavar="FILE.yaml", show_default=False)]


@contract.command()
def export(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE.yaml]", dir_okay=False, show_default=False)
    ] = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Write over the file.")] = False,
) -> None:
    """Write what the database holds: to the file, or to the terminal without one.

    Example:  budget-bot contract export registry.yaml
    """
    with refusals():
        text = asyncio.run(_export(settings_of(Settings)))
        _write(file, text, force=force)


@contract.command()
def plan(
    file: _File,
    *,
    exit_code: Annotated[
        bool,
        typer.Option(
            "--exit-code", help="Exit with 2 when something would change; 1 is a failure."
        ),
    ] = False,
) -> None:
    """Show what `apply` would change. Nothing is changed.

    Example:  budget-bot contract plan registry.yaml --exit-code
    """
    with refusals():
        made = asyncio.run(_plan(settings_of(Settings), file))
        _show(made)
    if exit_code and not made.is_empty:
        raise typer.Exit(CHANGES)


@contract.command()
def apply(file: _File) -> None:
    """Make the database what the file says, all of it or nothing. Twice changes nothing.

    Every change is in the audit trail with the file's name; teams are told of changed caps.

    Example:  budget-bot contract apply registry.yaml
    """
    with refusals():
        asyncio.run(_apply(settings_of(Settings), file))


async def _export(settings: Settings) -> str:
    async with opened(settings) as desk, desk.database.reading() as ledger:
        return contract_text(await read_registry(ledger, await desk.organisation(ledger)))


async def _plan(settings: Settings, file: Path) -> Plan:
    contract = await _read(settings, file)
    async with opened(settings) as desk, desk.database.reading() as ledger:
        return await plan_contract(contract, ledger, await desk.organisation(ledger), desk.now())


async def _apply(settings: Settings, file: Path) -> None:
    contract = await _read(settings, file)
    async with opened(settings) as desk:
        # Before anything is written, as nobody else may write meanwhile.
        async with desk.database.reading() as ledger:
            organisation = await desk.organisation(ledger)
            tried = await plan_contract(contract, ledger, organisation, desk.now())
        async with desk.database.ledger() as ledger:
            organisation = await desk.organisation(ledger)
            made = await apply_contract(contract, ledger, organisation, desk.now(), file=file.name)
            _show(_with_trials(made, tried))
        if not made.is_empty:
            say("Applied.", "bold green")


def _with_trials(made: Plan, tried: Plan) -> Plan:
    """Without them where somebody has changed meanwhile what was tried."""
    organisation = (made.before, made.after) == (tried.before, tried.after)
    rules = (made.rules_before, made.rules_after) == (tried.rules_before, tried.rules_after)
    if not (organisation and rules):
        return made
    return replace(made, trial=tried.trial, recount=tried.recount)


async def _read(settings: Settings, file: Path) -> Contract:
    document = compose(_content(file))
    contract = read_document(document, Directory())
    if not contract.wanted or settings.slack_bot_token is None:
        return contract
    client = asking(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    try:
        return read_document(document, await look_up(client, contract.wanted))
    except SlackSaysNo as no:
        if not all(map(is_person, contract.wanted)):
            raise
        # Ids need no looking up; that they belong to members is checked where Slack answers.
        warn([f"{no} The ids of people are taken as they are."])
        return contract


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refusal(f"{file} cannot be read: {error.strerror}.") from None


def _write(file: Path | None, text: str, *, force: bool) -> None:
    if file is None:
        typer.echo(text, nl=False)
        return
    try:
        with file.open("w" if force else "x", encoding="utf-8") as opened_file:
            opened_file.write(text)
    except FileExistsError:
        raise Refusal(f"{file} is there already: choose another name, or add --force.") from None
    except OSError as error:
        raise Refusal(f"{file} cannot be written: {error.strerror}.") from None
    say(f"Written to {file}.")


def _show(made: Plan) -> None:
    lines = plan_lines(made)
    about = max((len(line.about) for line in lines), default=0)
    field = max((len(line.field) for line in lines), default=0)
    for line in lines:
        out.print(
            Text(f"{line.sign} {line.about:<{about}}  {_said(line, field)}", _COLOURS[line.sign])
        )
    say(_summed(made), "bold")
    if made.trial is not None:
        for said in moves_said(made.trial, made.after.policy.timezone):
            say(said)
    for said in recount_said(made):
        say(said)


def _said(line: PlanLine, width: int) -> str:
    if not line.field:
        return line.note
    return f"{line.field:<{width}}  {line.before} → {line.after}"


def _summed(made: Plan) -> str:
    if made.is_empty:
        return "Nothing to do: the database is what the file says."
    befores = [*(each.before for each in made.teams), *(each.before for each in made.workflows)]
    new = sum(before is None for before in befores)
    changed = len(befores) - new + (made.before != made.after)
    rules = f", {_rules_summed(made)}" if made.rules_before != made.rules_after else ""
    return f"{new} new, {changed} changed, {len(made.left_alone)} not in the file{rules}."


def _rules_summed(made: Plan) -> str:
    before, after = set(made.rules_before), set(made.rules_after)
    return f"rules of attribution: {len(after - before)} come, {len(before - after)} go"
