import json
import time
from urllib.parse import urlencode

import httpx
from slack_sdk.signature import SignatureVerifier

from playground.config import Config
from playground.faults import DeliveryFault, Faults
from playground.link.delivery import Answer, Delivery

STALE_SECONDS = 600
FORM = "application/x-www-form-urlencoded"


class HttpLink:
    """Posts each delivery to the bot's URL, signed as Slack signs."""

    def __init__(self, config: Config, faults: Faults) -> None:
        self._config, self._faults = config, faults
        # A bot on this machine has no certificate, and loading the known ones takes a while.
        secure = config.bot_url.startswith("https:")
        self._http = httpx.AsyncClient(timeout=config.ack_seconds, trust_env=False, verify=secure)

    async def send(self, delivery: Delivery) -> Answer:
        body, type_ = encoded(delivery)
        headers = {"Content-Type": type_, **self._signed(body), **_retry(delivery)}
        try:
            reply = await self._http.post(self._config.bot_url, content=body, headers=headers)
        except httpx.TimeoutException:
            return Answer(failure="http_timeout")
        except httpx.TransportError:
            return Answer(failure="connection_failed")
        return _understood(reply)

    async def close(self) -> None:
        await self._http.aclose()

    def _signed(self, body: str) -> dict[str, str]:
        fault = self._faults.next_delivery()
        stamp = str(int(time.time()) - (STALE_SECONDS if fault.stale_timestamp else 0))
        return {
            "X-Slack-Request-Timestamp": "yesterday" if fault.bad_timestamp else stamp,
            "X-Slack-Signature": self._signature(stamp, body, fault),
        }

    def _signature(self, stamp: str, body: str, fault: DeliveryFault) -> str:
        secret = "somebody-else" if fault.wrong_signature else self._config.signing_secret
        return SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body) or ""


def encoded(delivery: Delivery) -> tuple[str, str]:
    """Body and content type: Slack sends commands and interactions as forms, events as JSON."""
    if delivery.kind == "slash_commands":
        return urlencode(delivery.payload), FORM
    body = json.dumps(delivery.payload)
    if delivery.kind == "interactive":
        return urlencode({"payload": body}), FORM
    return body, "application/json"


def _retry(delivery: Delivery) -> dict[str, str]:
    if not delivery.retry:
        return {}
    return {
        "X-Slack-Retry-Num": str(delivery.retry),
        "X-Slack-Retry-Reason": delivery.retry_reason,
    }


def _understood(reply: httpx.Response) -> Answer:
    failure = "" if reply.is_success else "http_error"
    no_retry = reply.headers.get("x-slack-no-retry") == "1"
    return Answer(status=reply.status_code, text=reply.text, failure=failure, no_retry=no_retry)
