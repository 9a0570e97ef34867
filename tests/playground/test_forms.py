import pytest

from tests.playground.test_views import button, field, modal, plain


def option(value, text):
    return {"text": plain(text), "value": value}


DAYS = [option("1", "One day"), option("3", "Three days")]


def asks(block_id, type_, label="Label", **element):
    element = {"type": type_, "action_id": "in", **element}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element}


FORM = modal(
    asks("amount", "number_input", "Amount", is_decimal_allowed=True, min_value="1"),
    asks("days", "static_select", "For how long", options=DAYS),
    asks("until", "datepicker", "Until", initial_date="2026-11-30"),
    asks("who", "users_select", "Approver"),
    asks("where", "conversations_select", "Channel"),
    asks("kinds", "checkboxes", "Kinds", options=DAYS),
    asks("reason", "plain_text_input", "Reason", max_length=5) | {"optional": True},
)
FILLED = {
    "Amount": 100,
    "days": "Three days",
    "who": "@U0ANA",
    "where": "C0SEARCH",
    "Kinds": ["One day", "3"],
}


async def test_a_form_is_filled_by_label_or_id_as_slack_would_send_it(town):
    await town.opens(FORM)

    answer = await town.does("submit", user="U0OWEN", values=FILLED)

    sent = town.bot.last()["view"]["state"]["values"]
    assert answer["outcome"] == "closed"
    assert sent == {
        "amount": {"in": {"type": "number_input", "value": "100"}},
        "days": {"in": {"type": "static_select", "selected_option": DAYS[1]}},
        "until": {"in": {"type": "datepicker", "selected_date": "2026-11-30"}},
        "who": {"in": {"type": "users_select", "selected_user": "U0ANA"}},
        "where": {"in": {"type": "conversations_select", "selected_conversation": "C0SEARCH"}},
        "kinds": {"in": {"type": "checkboxes", "selected_options": DAYS}},
        "reason": {"in": {"type": "plain_text_input", "value": None}},
    }


@pytest.mark.parametrize(
    ("values", "block"),
    [
        pytest.param({"Amount": None}, "amount", id="required"),
        pytest.param({"Amount": "a lot"}, "amount", id="no number"),
        pytest.param({"Amount": "NaN"}, "amount", id="not a number at all"),
        pytest.param({"Amount": 0}, "amount", id="under the least"),
        pytest.param({"Reason": "too long"}, "reason", id="too long"),
        pytest.param({"Kinds": []}, "kinds", id="nothing chosen"),
    ],
)
async def test_the_client_refuses_before_the_bot_is_asked(town, values, block):
    await town.opens(FORM)

    answer = await town.does("submit", user="U0OWEN", values=FILLED | values)

    assert (answer["outcome"], answer["by"], list(answer["errors"])) == (
        "errors",
        "client",
        [block],
    )
    assert town.bot.of("view_submission") == []


async def test_force_goes_past_the_client(town):
    await town.opens(FORM)
    answer = await town.does("submit", user="U0OWEN", values={"Amount": "a lot"}, force=True)
    assert answer["outcome"] == "closed"


@pytest.mark.parametrize(
    "values", [{"Colour": "red"}, {"days": "Nine days"}, {"who": "U9"}, {"until": "soon"}]
)
async def test_what_no_form_could_hold_is_refused(town, values):
    await town.opens(FORM)
    reply = await town.http.post("/control/submit", json={"user": "U0OWEN", "values": values})
    assert reply.status_code == 409


@pytest.mark.parametrize(
    ("said", "outcome", "titles"),
    [
        pytest.param("", "closed", [], id="nothing"),
        pytest.param({"response_action": "clear"}, "cleared", [], id="clear"),
        pytest.param(
            {"response_action": "update", "view": modal(title="New")},
            "updated",
            ["New"],
            id="update",
        ),
        pytest.param(
            {"response_action": "push", "view": modal(title="New")},
            "pushed",
            ["A form", "New"],
            id="push",
        ),
        pytest.param(
            {"response_action": "errors", "errors": {"amount": "Too much."}},
            "errors",
            ["A form"],
            id="errors",
        ),
        pytest.param(
            {"response_action": "errors", "errors": {"nowhere": "Too much."}},
            "error",
            ["A form"],
            id="errors for no field",
        ),
        pytest.param(
            {"response_action": "update", "view": modal(title="t" * 25)},
            "error",
            ["A form"],
            id="a refused view",
        ),
    ],
)
async def test_the_bots_answer_decides_what_becomes_of_the_form(town, said, outcome, titles):
    await town.opens(modal(field()))
    town.bot.answers = [(200, said)]

    answer = await town.does("submit", user="U0OWEN", values={"amount": "5"})

    assert answer["outcome"] == outcome
    assert [view["title"]["text"] for view in answer["views"]] == titles


async def test_errors_stay_on_the_form_until_it_is_right(town):
    await town.opens(modal(field()))
    town.bot.answers = [(200, {"response_action": "errors", "errors": {"amount": "Too much."}})]

    wrong = await town.does("submit", user="U0OWEN", values={"amount": "5000"})
    [shown] = await town.sees("views", user="U0OWEN")
    right = await town.does("submit", user="U0OWEN", values={"amount": "5"})

    assert wrong["errors"] == shown["errors"] == {"amount": "Too much."}
    assert shown["state"]["values"]["amount"]["in"]["value"] == "5000"
    assert right["outcome"] == "closed"


async def test_a_failing_bot_is_told_to_the_person(town):
    await town.opens(modal(field()))
    town.bot.answers = [(500, "")]

    answer = await town.does("submit", user="U0OWEN", values={"amount": "5"})

    assert answer["outcome"] == "error"
    assert "trouble connecting" in answer["problem"]


async def test_a_menu_in_a_modal_acts_at_once(town):
    menu = {"type": "static_select", "action_id": "pick", "options": DAYS}
    row = {"type": "actions", "block_id": "row", "elements": [menu, button("more")]}
    await town.opens(modal(field(), row))

    await town.does(
        "click", user="U0OWEN", view=True, action_id="pick", option="3", values={"amount": "7"}
    )

    sent = town.bot.last()
    assert sent["actions"][0]["selected_option"]["value"] == "3"
    assert sent["view"]["state"]["values"]["amount"]["in"]["value"] == "7"
    assert sent["view"]["state"]["values"]["row"]["pick"]["selected_option"]["value"] == "3"
    assert sent["container"] == {"type": "view", "view_id": sent["view"]["id"]}
