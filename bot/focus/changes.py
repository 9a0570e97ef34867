"""What a FOCUS file changes of what its source said before, and when that is no newer file."""

from dataclasses import dataclass

from bot.refusal import Refusal


class AnotherBill(Refusal):
    """What the file would replace is most likely another bill than the file's."""


@dataclass(frozen=True)
class Changes:
    """Charges of a stretch against those before."""

    added: int = 0
    changed: int = 0
    gone: int = 0
    same: int = 0

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(
            self.added + other.added,
            self.changed + other.changed,
            self.gone + other.gone,
            self.same + other.same,
        )


def check_newer(changes: Changes, source: str, when: str) -> None:
    """A newer file tells most of what an older one told again. One that does not is a part of an
    export, or another account's: it would put away what is not its own. Raises AnotherBill.
    """
    if changes.gone <= changes.same + changes.changed:
        return
    known = changes.gone + changes.same + changes.changed
    raise AnotherBill(
        f"{source} has {known:,} charges of {when}, and this file lacks {changes.gone:,} of them. "
        "Is it a part of an export? Give all parts at once. Is it another account's? Give it a "
        "name of its own with --name. Is it right all the same? Say --replace."
    )
