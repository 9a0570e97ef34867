"""What the command line prints, and how a command that was refused ends."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console

from bot.contract import BadContract
from bot.refusal import Refusal
from handlers.settings import BadSettings
from storage.database import Unreachable
from storage.schema import NewerSchema

REFUSED = 1
CHANGES = 2
_MOST_LINES = 200

out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def say(text: str = "", style: str = "") -> None:
    out.print(text, style=style, markup=False)


def warn(lines: Iterable[str]) -> None:
    for line in lines:
        err.print(line, style="yellow", markup=False)


def end(heading: str, lines: Iterable[str] = ()) -> NoReturn:
    """One block on stderr; the exit code is 1."""
    told = tuple(lines)
    err.print(heading, style="bold red", markup=False)
    for line in told[:_MOST_LINES]:
        err.print(f"  {line}", markup=False)
    if len(told) > _MOST_LINES:
        err.print(f"  … and {len(told) - _MOST_LINES:,} more")
    raise typer.Exit(REFUSED)


def plain(error: Exception) -> str:
    """Without what a library adds for programmers."""
    return " ".join(str(error).partition("(Background on this error")[0].split())


def flowing(text: str | None) -> str:
    """Help whose paragraphs fill the terminal's width instead of the source's."""
    return "\n\n".join(" ".join(part.split()) for part in (text or "").split("\n\n"))


@contextmanager
def refusals() -> Iterator[None]:
    """What may well go wrong is said in plain words; anything else is a fault and shows itself."""
    try:
        yield
    except BadSettings as bad:
        end("These settings are not right:", bad.problems)
    except BadContract as bad:
        count = len(bad.problems)
        end(
            f"The file is refused whole: {count:,} problem{'s'[: count > 1]}.",
            map(str, bad.problems),
        )
    except Unreachable as error:
        end("The database does not answer. Look at BUDGET_BOT_DATABASE_URL.", [plain(error)])
    except (Refusal, NewerSchema) as no:
        end(str(no))
    except BrokenPipeError:
        # `budget-bot … | head` has seen enough.
        sys.stderr.close()
        raise typer.Exit(REFUSED) from None
