from dataclasses import dataclass, field

import httpx

from handlers.settings import PREFIX


@dataclass(frozen=True)
class Vendor:
    """Who is asked, and as whom. `credential` names the setting, `permission` what it must allow:
    both are said where it is refused. `hides`: what one may not read is said not to be there.
    """

    name: str
    url: str
    credential: str
    permission: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    auth: httpx.Auth | None = field(default=None, repr=False)
    hides: bool = False

    @property
    def setting(self) -> str:
        """Where its address stands."""
        return f"{PREFIX}{self.name.upper()}_URL"
