from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds. `lease` is how long a sender may have a notice in hand, `timeout` a call to Slack.

    A first failure waits up to `backoff`, each further one twice as long, up to `longest`.
    `moment` is what Slack's history may need to show what Slack accepted. `poll` is how often the
    outbox is looked through, and `farewell` what the sends under way get when the bot is stopped.
    """

    lease: float = 30.0
    timeout: float = 10.0
    moment: float = 1.0
    backoff: float = 1.0
    longest: float = 60.0
    poll: float = 1.0
    farewell: float = 5.0
