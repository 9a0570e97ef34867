from typing import Any, Literal

Surface = Literal["message", "modal", "home"]


def problems(payload: Any, surface: Surface = "message") -> list[str]:
    return []
