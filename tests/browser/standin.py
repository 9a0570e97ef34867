"""A small bot of our own for the page's tests: it shows every kind of block and asks for a form."""

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Route

SECRET = "stand-in"
MANIFEST = {
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [
            {
                "command": "/budget",
                "description": "Budgets for AI workflows",
                "usage_hint": "[request|help]",
                "should_escape": True,
            }
        ],
        "shortcuts": [
            {"name": "Explain this", "type": "message", "callback_id": "explain"},
            {"name": "Ask for a budget", "type": "global", "callback_id": "ask"},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "app_mentions:read",
                "channels:history",
                "channels:read",
                "chat:write",
                "commands",
                "im:history",
                "im:write",
                "reactions:write",
                "users:read",
            ]
        }
    },
    "settings": {
        "event_subscriptions": {
            "bot_events": ["app_home_opened", "app_mention", "message.channels", "message.im"]
        }
    },
}


def plain(text):
    return {"type": "plain_text", "text": text, "emoji": True}


def section(text, **more):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def option(value, text):
    return {"text": plain(text), "value": value}


def button(action_id, text, **more):
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


def field(block_id, label, element, **more):
    element = {"action_id": "in", **element}
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": element,
        **more,
    }


WINDOWS = [option("1", "One day"), option("3", "Three days"), option("7", "A week")]
FORM = {
    "type": "modal",
    "callback_id": "request",
    "title": plain("Ask for more budget"),
    "submit": plain("Ask"),
    "close": plain("Cancel"),
    "blocks": [
        section("*search-ranking* has spent *$212.40* of *$250.00* this month."),
        field(
            "amount",
            "Amount in dollars",
            {"type": "number_input", "is_decimal_allowed": True, "placeholder": plain("100")},
            hint=plain("On top of the cap, for as long as you say."),
        ),
        field(
            "window", "For how long", {"type": "static_select", "options": WINDOWS}, optional=False
        ),
        field("until", "Or until a day", {"type": "datepicker"}, optional=True),
        field("approver", "Who should approve", {"type": "users_select"}, optional=True),
        field(
            "reason",
            "Reason",
            {"type": "plain_text_input", "multiline": True, "max_length": 300},
        ),
        field(
            "kind",
            "What it is for",
            {
                "type": "radio_buttons",
                "options": [option("prod", "Production traffic"), option("try", "An experiment")],
            },
            optional=True,
        ),
    ],
}
ARE_YOU_SURE = {
    "title": plain("Retire search-ranking?"),
    "text": {"type": "mrkdwn", "text": "Its calls stop *at once*. You can register it again."},
    "confirm": plain("Retire budget"),
    "deny": plain("Keep it"),
    "style": "danger",
}
HOME = {
    "type": "home",
    "blocks": [
        {"type": "header", "text": plain("Your budgets")},
        {
            "type": "context",
            "elements": [{"type": "mrkdwn", "text": "November 2026 · 2 workflows are yours"}],
        },
        {"type": "divider"},
        section(
            ":large_green_circle: *search-ranking* · #search\n$212.40 of $250.00 · ends at *$241*",
            accessory=button("home_request", "Ask for more…"),
        ),
        section(
            ":large_orange_circle: *query-rewrite* · #search\n$88.10 of $90.00 · ends at *$121*",
            accessory=button("home_request", "Ask for more…"),
        ),
        {"type": "actions", "elements": [button("refresh", "Refresh"), button("all", "See all")]},
    ],
}


def alert(amount="$212.40"):
    return [
        {"type": "header", "text": plain("search-ranking is at 85 %")},
        section(
            f"<@U0OWEN> this workflow has spent *{amount}* of *$250.00*, and will pass its cap "
            "on <!date^1795651200^{date_short_pretty}|24 Nov> at this rate.",
        ),
        {
            "type": "section",
            "fields": [
                {"type": "mrkdwn", "text": "*Owner*\n<@U0OWEN>"},
                {"type": "mrkdwn", "text": "*Team*\n<#C0SEARCH|search>"},
                {"type": "mrkdwn", "text": "*Class*\nProduction"},
                {"type": "mrkdwn", "text": "*Forecast*\n$291.00 by month end"},
            ],
        },
        {
            "type": "actions",
            "block_id": "answer",
            "elements": [
                button("approve", "Approve", style="primary", value="r-1"),
                button("deny", "Deny", value="r-1"),
                button("retire", "Retire…", style="danger", confirm=ARE_YOU_SURE),
                {
                    "type": "overflow",
                    "action_id": "more",
                    "options": [option("mute", "Mute for a day"), option("why", "Why this?")],
                },
            ],
        },
        {
            "type": "context",
            "elements": [{"type": "mrkdwn", "text": "`search-ranking` · counted a minute ago"}],
        },
    ]


CHART = {
    "type": "data_visualization",
    "title": "Spend by week",
    "chart": {
        "type": "bar",
        "series": [
            {
                "name": "search-ranking",
                "data": [
                    {"label": f"W{w}", "value": v}
                    for w, v in zip(range(44, 48), [41, 58, 63, 50], strict=True)
                ],
            }
        ],
        "axis_config": {"categories": ["W44", "W45", "W46", "W47"], "y_label": "$"},
    },
}


def forms(app):
    @app.command("/budget")
    async def command(ack, body, client):
        if body["text"].startswith("request"):
            await client.views_open(trigger_id=body["trigger_id"], view=FORM)
            await ack()
            return
        await ack("Try `/budget request`, or ask <@U0BOT> in a thread.")

    @app.view("request")
    async def request(ack, body, view, client):
        amount = float(view["state"]["values"]["amount"]["in"]["value"])
        if amount > 1000:
            await ack(response_action="errors", errors={"amount": "At most $1,000 at a time."})
            return
        user = body["user"]["id"]
        text = f"<@{user}> asks for ${amount:.2f} more for *search-ranking*."
        elements = [button("approve", "Approve", style="primary"), button("deny", "Deny")]
        blocks = [section(text), {"type": "actions", "elements": elements}]
        await client.chat_postMessage(channel="C0SEARCH", text=text, blocks=blocks)
        await ack()


def buttons(app):
    @app.action("approve")
    async def approve(ack, body, client):
        text = f":white_check_mark: Approved by <@{body['user']['id']}>."
        channel, ts = body["channel"]["id"], body["message"]["ts"]
        await client.chat_update(channel=channel, ts=ts, text=text, blocks=[section(text)])
        await ack()

    @app.action("retire")
    async def retire(ack, respond):
        await respond("Retired.")
        await ack()

    @app.action("more")
    async def more(ack, respond, action):
        await respond(f"You chose {action['selected_option']['value']}.")
        await ack()

    @app.action("home_request")
    async def home_request(ack, body, client):
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)
        await ack()


def events(app):
    @app.event("app_home_opened")
    async def home(event, client):
        await client.views_publish(user_id=event["user"], view=HOME)

    @app.event("app_mention")
    async def mention(event, say):
        await say(f"Hello <@{event['user']}>.", thread_ts=event.get("thread_ts", event["ts"]))

    @app.event("message")
    async def message(event, say):
        if event.get("thread_ts") and not event.get("bot_id") and event["text"] == "keep":
            await say("Kept. :thumbsup:", thread_ts=event["thread_ts"])

    @app.shortcut("explain")
    async def explain(ack, respond):
        await respond("This is an alert.")
        await ack()


def build():
    """The bot as an ASGI application, and its client, which still needs the Web API's address."""
    client = AsyncWebClient("xoxb-playground", base_url="http://127.0.0.1:1/api/")
    bolt = AsyncApp(client=client, signing_secret=SECRET, process_before_response=True)
    for listen in (forms, buttons, events):
        listen(bolt)
    handler = AsyncSlackRequestHandler(bolt)
    route = Route("/slack/events", handler.handle, methods=["POST"])
    return Starlette(routes=[route]), client
