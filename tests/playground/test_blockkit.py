"""Slack's limits: what is just inside passes, what is just over is named with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.blockkit import LONGEST_BLOCKS, problems


def plain(length):
    return {"type": "plain_text", "text": "x" * length}


def mrkdwn(length):
    return {"type": "mrkdwn", "text": "x" * length}


def section(**parts):
    return {"type": "section", **parts}


def actions(*elements):
    return {"type": "actions", "elements": list(elements)}


def button(**parts):
    return {"type": "button", "text": plain(2), "action_id": "a", **parts}


def option(value=1, text=1):
    return {"text": plain(text), "value": "v" * value}


def select(options):
    return {"type": "static_select", "action_id": "a", "options": options}


def confirm(**parts):
    sound = {"title": plain(1), "text": mrkdwn(1), "confirm": plain(1), "deny": plain(1)}
    return actions(button(confirm={**sound, **parts}))


def asks(element=None, **parts):
    element = element or {"type": "plain_text_input", "action_id": "a"}
    return {"type": "input", "label": plain(1), "element": element, **parts}


def many(number, thing):
    return [{**thing, "action_id": f"a{n}"} for n in range(number)]


def bar(points=1, name=1, series=1, **parts):
    labels = [f"p{n}" for n in range(points)]
    data = [{"label": label, "value": 1} for label in labels]
    lines = [{"name": f"{n}".rjust(name, "s"), "data": data} for n in range(series)]
    axes = {"categories": labels, **parts}
    return {"type": "bar", "series": lines, "axis_config": axes}


def chart(kind, title=1):
    return {"type": "data_visualization", "title": "t" * title, "chart": kind}


def cells(number):
    return [{"type": "raw_text", "text": "c"} for _ in range(number)]


def image(**parts):
    return {"type": "image", "image_url": "https://a.test/a.png", "alt_text": "a", **parts}


LIMITS = [
    ("section text", 3000, lambda n: section(text=mrkdwn(n))),
    ("section field", 2000, lambda n: section(fields=[mrkdwn(n)])),
    ("section fields", 10, lambda n: section(fields=[mrkdwn(1)] * n)),
    ("header", 150, lambda n: {"type": "header", "text": plain(n)}),
    ("context elements", 10, lambda n: {"type": "context", "elements": [mrkdwn(1)] * n}),
    ("actions", 25, lambda n: actions(*many(n, button()))),
    ("button text", 75, lambda n: actions(button(text=plain(n)))),
    ("button value", 2000, lambda n: actions(button(value="v" * n))),
    ("button url", 3000, lambda n: actions(button(url="https://a.test/".ljust(n, "u")))),
    ("button label", 75, lambda n: actions(button(accessibility_label="l" * n))),
    ("action_id", 255, lambda n: actions(button(action_id="a" * n))),
    ("block_id", 255, lambda n: {"type": "divider", "block_id": "b" * n}),
    ("confirm title", 100, lambda n: confirm(title=plain(n))),
    ("confirm text", 300, lambda n: confirm(text=mrkdwn(n))),
    ("confirm button", 30, lambda n: confirm(confirm=plain(n))),
    ("deny button", 30, lambda n: confirm(deny=plain(n))),
    ("option text", 75, lambda n: actions(select([option(text=n)]))),
    ("option value", 150, lambda n: actions(select([option(value=n)]))),
    ("option description", 75, lambda n: actions(select([option() | {"description": plain(n)}]))),
    ("options", 100, lambda n: actions(select([option()] * n))),
    ("placeholder", 150, lambda n: actions(select([option()]) | {"placeholder": plain(n)})),
    ("overflow", 5, lambda n: actions({"type": "overflow", "options": [option()] * n})),
    ("checkboxes", 10, lambda n: actions({"type": "checkboxes", "options": [option()] * n})),
    ("radio", 10, lambda n: actions({"type": "radio_buttons", "options": [option()] * n})),
    ("input label", 2000, lambda n: asks(label=plain(n))),
    ("input hint", 2000, lambda n: asks(hint=plain(n))),
    (
        "input length",
        3000,
        lambda n: asks({"type": "plain_text_input", "action_id": "a", "max_length": n}),
    ),
    ("image alt text", 2000, lambda n: image(alt_text="a" * n)),
    ("image url", 3000, lambda n: image(image_url="https://a.test/".ljust(n, "u"))),
    ("image title", 2000, lambda n: image(title=plain(n))),
    ("markdown", 12_000, lambda n: {"type": "markdown", "text": "m" * n}),
    ("table rows", 100, lambda n: {"type": "table", "rows": [cells(1)] * n}),
    ("table columns", 20, lambda n: {"type": "table", "rows": [cells(n)]}),
    (
        "data table rows",
        101,
        lambda n: {"type": "data_table", "caption": "c", "rows": [cells(1)] * n},
    ),
    (
        "data table page",
        100,
        lambda n: {"type": "data_table", "caption": "c", "rows": [cells(1)] * 2, "page_size": n},
    ),
    ("chart title", 50, lambda n: chart(bar(), n)),
    ("chart points", 20, lambda n: chart(bar(points=n))),
    ("chart series", 6, lambda n: chart(bar(series=n))),
    ("chart names", 20, lambda n: chart(bar(name=n))),
    ("chart axis", 50, lambda n: chart(bar(x_label="l" * n))),
    (
        "context actions",
        5,
        lambda n: {
            "type": "context_actions",
            "elements": many(n, {"type": "icon_button", "icon": "trash", "text": plain(1)}),
        },
    ),
]


@pytest.mark.parametrize(("most", "make"), [pytest.param(m, f, id=name) for name, m, f in LIMITS])
def test_a_block_at_its_limit_passes_and_one_over_does_not(most, make):
    assert problems([make(most)]) == []
    assert "[json-pointer:/blocks/0" in problems([make(most + 1)])[0]


def modal(*blocks, **parts):
    return {"type": "modal", "title": plain(1), "blocks": list(blocks), **parts}


MODAL_LIMITS = [
    ("title", 24, lambda n: modal(title=plain(n))),
    ("submit", 24, lambda n: modal(submit=plain(n))),
    ("close", 24, lambda n: modal(close=plain(n))),
    ("private_metadata", 3000, lambda n: modal(private_metadata="p" * n)),
    ("callback_id", 255, lambda n: modal(callback_id="c" * n)),
    ("external_id", 255, lambda n: modal(external_id="e" * n)),
    ("blocks", 100, lambda n: modal(*[{"type": "divider"}] * n)),
    ("alert", 200, lambda n: modal({"type": "alert", "text": mrkdwn(n)})),
]


@pytest.mark.parametrize(
    ("most", "make"), [pytest.param(m, f, id=name) for name, m, f in MODAL_LIMITS]
)
def test_a_modal_at_its_limit_passes_and_one_over_does_not(most, make):
    assert problems(make(most), "modal") == []
    assert problems(make(most + 1), "modal")


@pytest.mark.parametrize(
    ("block", "said"),
    [
        pytest.param({"type": "sectoin"}, "unsupported type: sectoin", id="a misspelt block"),
        pytest.param({"text": plain(1)}, "missing required field: type", id="no type"),
        pytest.param(section(), "must define either text or fields", id="an empty section"),
        pytest.param(section(text=mrkdwn(0)), "more than 0 characters", id="an empty text"),
        pytest.param(section(text=plain(1), colour="red"), "property: colour", id="a strange key"),
        pytest.param(
            section(text=mrkdwn(1) | {"emoji": True}), "property: emoji", id="emoji in mrkdwn"
        ),
        pytest.param({"type": "header", "text": mrkdwn(1)}, "type: mrkdwn", id="a mrkdwn header"),
        pytest.param(actions(button(text=mrkdwn(1))), "type: mrkdwn", id="a mrkdwn button"),
        pytest.param(actions(button(style="green")), "one of: primary, danger", id="a style"),
        pytest.param(actions(), "no less than 1 items", id="no actions"),
        pytest.param(actions(button(), button()), "action_id must be unique", id="same action_id"),
        pytest.param(actions(select([])), "no less than 1 items", id="no options"),
        pytest.param(
            actions(select([option()]) | {"initial_option": option(2)}),
            "initial option must be one of",
            id="an initial option that is none",
        ),
        pytest.param(
            actions({"type": "plain_text_input"}), "unsupported type", id="an input among actions"
        ),
        pytest.param(asks(button()), "unsupported type: button", id="a button as input"),
        pytest.param(
            asks({"type": "number_input"}), "is_decimal_allowed", id="a number of unknown kind"
        ),
        pytest.param(
            asks({"type": "datepicker", "initial_date": "tomorrow"}), "YYYY-MM-DD", id="a bad date"
        ),
        pytest.param(
            asks({"type": "plain_text_input", "min_length": 9, "max_length": 3}),
            "min_length must not",
            id="shortest over longest",
        ),
        pytest.param({"type": "alert", "text": plain(1)}, "type: alert", id="an alert"),
        pytest.param({"type": "image", "alt_text": "a"}, "image_url or slack_file", id="no image"),
        pytest.param(
            {"type": "image", "image_url": "a.png", "alt_text": "a"}, "valid URL", id="a bad URL"
        ),
        pytest.param(chart({"type": "pie", "segments": []}), "no less than 1", id="an empty pie"),
        pytest.param(
            chart({"type": "pie", "segments": [{"label": "a", "value": 0}]}),
            "must be positive",
            id="a slice of nothing",
        ),
        pytest.param(
            chart(bar() | {"axis_config": {"categories": ["other"]}}),
            "one point per category",
            id="points beside the categories",
        ),
        pytest.param(
            {"type": "data_table", "caption": "c", "rows": [cells(2), cells(1)]},
            "same number of cells",
            id="a ragged table",
        ),
        pytest.param(
            {
                "type": "data_table",
                "caption": "c",
                "rows": [[{"type": "rich_text", "elements": []}], cells(1)],
            },
            "header cells",
            id="a rich header",
        ),
        pytest.param("divider", "must be an object", id="a word"),
        pytest.param({"type": "divider", "block_id": None}, "must be a string", id="null"),
    ],
)
def test_what_slack_refuses_in_a_message_is_named(block, said):
    assert any(said in problem for problem in problems([block]))


def test_a_message_holds_fifty_blocks():
    assert problems([{"type": "divider"}] * 50) == []
    assert problems([{"type": "divider"}] * 51) == [
        "no more than 50 items allowed [json-pointer:/blocks]"
    ]


def test_the_blocks_of_a_message_have_a_total():
    def filled(length):
        return [section(text=mrkdwn(2900)) for _ in range(4)] + [section(text=mrkdwn(length))]

    assert problems(filled(900)) == []
    assert "msg_blocks_too_long" in problems(filled(1300))[0]
    assert str(LONGEST_BLOCKS) in problems(filled(1300))[0]


def test_block_ids_are_unique_in_a_message():
    twice = [{"type": "divider", "block_id": "same"}] * 2
    assert problems(twice) == ["block_id must be unique: same [json-pointer:/blocks]"]


def test_a_message_holds_one_table_and_two_charts():
    table = {"type": "table", "rows": [cells(1)]}
    assert problems([table, chart(bar()), chart(bar())]) == []
    assert "1 table" in problems([table, table])[0]
    assert "2 data_visualization" in problems([chart(bar())] * 3)[0]


def test_an_input_needs_a_submit_button():
    assert problems(modal(asks(), submit=plain(1)), "modal") == []
    assert problems(modal(asks()), "modal") == [
        "submit is required when an input is within blocks [json-pointer:/submit]"
    ]


def test_a_home_has_no_title_and_a_modal_must():
    home = {"type": "home", "blocks": []}
    assert problems(home, "home") == []
    assert problems(home | {"title": plain(1)}, "home")
    assert problems({"type": "modal", "blocks": []}, "modal")


def test_messages_alone_have_charts_and_modals_alone_have_alerts():
    assert problems(modal({"type": "alert", "text": plain(1)}), "modal") == []
    assert problems(modal(chart(bar())), "modal")


def test_one_element_has_the_focus():
    def focused(block_id):
        return asks({"type": "datepicker", "focus_on_load": True}, block_id=block_id)

    assert problems(modal(focused("a"), submit=plain(1)), "modal") == []
    assert problems(modal(focused("a"), focused("b"), submit=plain(1)), "modal")


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "text",
                    "elements",
                    "blocks",
                    "options",
                    "rows",
                    "chart",
                    "fields",
                    "element",
                ]
            ),
            inside | st.sampled_from(["section", "actions", "button", "table", "input", "mrkdwn"]),
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(json, st.sampled_from(["message", "modal", "home"]))
def test_whatever_is_sent_there_is_an_answer(sent, surface):
    assert isinstance(problems(sent, surface), list)
