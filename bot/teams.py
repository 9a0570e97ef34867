from dataclasses import dataclass

from bot.policy import Organisation


@dataclass(frozen=True)
class Team:
    """People and channels are Slack ids. `timezone` None means the policy's."""

    key: str
    name: str
    channel: str
    timezone: str | None = None
    approver: str | None = None
    business_unit: str | None = None

    def zone(self, organisation: Organisation) -> str:
        return self.timezone or organisation.policy.timezone
