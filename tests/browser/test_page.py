"""A person at the page, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from playground.config import Config
from playground.server import create
from tests.browser import standin
from tests.playground.threaded import running


def types(page, text):
    page.get_by_role("combobox", name="Message").fill(text)
    page.keyboard.press("Enter")


def said(page, text):
    return page.locator("#messages").get_by_text(text)


def test_a_channel_shows_what_was_said(visit, workspace):
    workspace.does(
        "message", user="U0MIA", channel="C0SEARCH", text="*Big* news for @owen\n> quoted\n`p95`"
    )
    workspace.bot_posts(text="at 85 %", blocks=[*standin.alert(), standin.CHART])
    page = visit()

    mia = page.get_by_role("article", name=re.compile("Mia Brandt"))
    expect(mia.locator("strong")).to_have_text("Big")
    expect(mia.locator(".mention.me")).to_have_text("@Owen Park")
    expect(mia.locator("blockquote")).to_contain_text("quoted")
    expect(mia.locator("code")).to_have_text("p95")
    card = page.get_by_role("article", name=re.compile("budget-bot"))
    expect(card.get_by_role("heading", name="search-ranking is at 85 %")).to_be_visible()
    expect(card.get_by_role("button", name="Approve")).to_be_visible()
    expect(card.get_by_role("img", name=re.compile("search-ranking: W44 41"))).to_be_visible()


def test_an_empty_channel_says_what_to_do(visit):
    expect(visit().get_by_text("Type /budget help to start.")).to_be_visible()


def test_hostile_text_stays_text(visit, workspace):
    hostile = "<img src=x onerror=alert(1)> <script>alert(2)</script> <javascript:alert(3)|click>"
    workspace.does("message", user="U0MIA", channel="C0SEARCH", text=hostile)
    workspace.bot_posts(text='<javascript:alert(3)|press me> <https://a.test/"onx=1|fine>')
    page = visit()

    expect(page.get_by_text("<script>alert(2)</script>")).to_be_visible()
    expect(page.get_by_text("press me")).to_be_visible()
    assert page.locator("#messages :is(img, script)").count() == 0
    assert page.locator("#messages a[href^='javascript']").count() == 0


def test_a_command_answers_only_the_one_who_typed_it(visit, page):
    visit()
    page.get_by_role("combobox", name="Message").press_sequentially("/bu")
    expect(page.get_by_role("option", name="/budget")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("help")
    page.keyboard.press("Enter")

    answer = page.get_by_role("article", name=re.compile("budget-bot"))
    expect(answer).to_contain_text("Only visible to you")
    expect(answer).to_contain_text("Try /budget request")
    answer.get_by_role("button", name="Dismiss").click()
    expect(answer).to_have_count(0)


def fills(page, amount):
    page.get_by_label("Amount in dollars").fill(amount)
    page.get_by_label("For how long").select_option("Three days")
    page.get_by_label("Or until a day").fill("2026-12-01")
    page.get_by_label("Who should approve").select_option("Ana Costa")
    page.get_by_label("Reason").fill("launch week")
    page.get_by_label("An experiment").check()


def test_a_form_is_corrected_and_then_taken(visit, page):
    visit()
    types(page, "/budget request")
    form = page.get_by_role("dialog", name="Ask for more budget")
    ask = form.get_by_role("button", name="Ask", exact=True)

    ask.click()
    expect(form.get_by_text("Please complete this required field.")).to_have_count(3)
    fills(page, "5000")
    ask.click()
    expect(form.get_by_text("At most $1,000 at a time.")).to_be_visible()
    expect(page.get_by_label("Amount in dollars")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Amount in dollars")).to_be_focused()
    expect(page.get_by_label("Reason")).to_have_value("launch week")
    page.get_by_label("Amount in dollars").fill("100")
    ask.click()

    expect(form).to_be_hidden()
    expect(said(page, "asks for $100.00 more")).to_be_visible()


def test_another_person_clicks_and_the_message_changes(visit, workspace, page):
    workspace.bot_posts(text="at 85 %", blocks=standin.alert())
    visit()

    page.get_by_label("You are").select_option("Ana Costa")
    page.get_by_role("button", name="Approve").click()

    expect(page.locator("#messages")).to_contain_text("Approved by @Ana Costa.")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    assert workspace.last_text() == ":white_check_mark: Approved by <@U0ANA>."


def test_news_arrive_by_themselves(visit, workspace, page):
    visit(place="C0GROWTH")

    workspace.does("message", user="U0SAM", channel="C0GROWTH", text="Live!")
    workspace.does("message", user="U0SAM", channel="C0SEARCH", text="Elsewhere")

    expect(said(page, "Live!")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("search"))).to_contain_text("1")
    expect(page.locator("#news")).to_contain_text("Sam Rivera: Live!")


def test_a_thread_is_read_and_answered(visit, workspace, page):
    ts = workspace.bot_posts(text="What about search-ranking?")
    workspace.does("reply", user="U0MIA", channel="C0SEARCH", ts=ts, text="Not mine")
    visit()

    page.get_by_role("button", name=re.compile("1 reply")).click()
    thread = page.get_by_role("complementary", name="Thread")
    expect(thread.get_by_text("Not mine")).to_be_visible()
    thread.get_by_role("combobox", name="Reply in thread").fill("keep")
    page.keyboard.press("Enter")

    expect(thread.get_by_text("Kept.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("3 replies"))).to_be_visible()
    thread.get_by_role("combobox").fill("/budget help")
    page.keyboard.press("Enter")
    expect(page.get_by_text("/budget is not supported in threads. Sorry!")).to_be_visible()


def test_a_danger_asks_twice(visit, workspace, page):
    workspace.bot_posts(text="at 85 %", blocks=standin.alert())
    visit()

    page.get_by_role("button", name="Retire…").click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(said(page, "Retired.")).to_have_count(0)
    page.get_by_role("button", name="Retire…").click()
    page.get_by_role("button", name="Retire budget").click()

    expect(said(page, "Retired.")).to_be_visible()


def test_a_menu_and_a_shortcut_act_on_a_message(visit, workspace, page):
    workspace.bot_posts(text="at 85 %", blocks=standin.alert())
    visit()

    page.get_by_role("button", name="More actions", exact=True).click()
    page.get_by_role("menuitem", name="Mute for a day").click()
    expect(said(page, "You chose mute.")).to_be_visible()
    page.get_by_role("article", name=re.compile("budget-bot")).first.hover()
    page.get_by_role("button", name="More message actions").first.click()
    page.get_by_role("menuitem", name="Explain this").click()
    expect(said(page, "This is an alert.")).to_be_visible()


def test_a_reaction_is_given_and_taken_back(visit, workspace, page):
    workspace.does("message", user="U0MIA", channel="C0SEARCH", text="Done")
    visit()
    message = page.get_by_role("article", name=re.compile("Mia Brandt"))

    message.hover()
    message.get_by_role("button", name="React with eyes").click()
    mine = message.get_by_role("button", name=re.compile("eyes, 1: Owen Park"))
    expect(mine).to_have_attribute("aria-pressed", "true")
    mine.click()
    expect(mine).to_have_count(0)


def test_app_home_shows_what_the_bot_published_and_acts(visit, page):
    visit(place="home")

    expect(page.get_by_role("heading", name="Your budgets")).to_be_visible()
    page.get_by_role("button", name="Ask for more…").first.click()
    expect(page.get_by_role("dialog", name="Ask for more budget")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_without_a_home_tab_in_the_manifest_there_is_no_home(page, troubles):  # noqa: ARG001
    manifest = {"features": {"app_home": {"home_tab_enabled": False}}}
    config = Config(signing_secret=standin.SECRET, manifest=manifest)
    with running(create(config)) as address:
        page.goto(f"{address}/?as=U0OWEN#home")

        expect(page.locator("#place-name")).to_have_text("budget-bot")
        expect(page.get_by_role("tab", name="Messages")).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("tab", name="Home")).to_have_count(0)
        expect(page.get_by_role("link", name="Home")).to_have_count(0)
        page.keyboard.press("Control+k")
        expect(page.get_by_role("option", name="budget-bot")).to_be_visible()
        expect(page.get_by_role("option", name="Home")).to_have_count(0)


def test_closing_twice_at_once_closes_once_and_says_nothing(visit, page):
    visit()
    types(page, "/budget request")
    expect(page.get_by_role("dialog", name="Ask for more budget")).to_be_visible()

    page.evaluate("() => { closeModal(); closeModal(); }")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".toast")).to_have_count(0)


def test_another_person_does_not_read_what_went_wrong_before(visit, page):
    visit()
    page.evaluate("toast('This did not work.')")
    expect(page.locator(".toast")).to_have_count(1)

    page.get_by_label("You are").select_option("Ana Costa")

    expect(page.locator("#person")).to_have_value("U0ANA")
    expect(page.locator(".toast")).to_have_count(0, timeout=2_000)
    assert page.locator("[class='0']").count() == 0


def test_direct_messages_with_the_bot(visit, workspace, page):
    workspace.bot_posts(channel="U0OWEN", text="Due <!date^1795651200^{date_num} {time}|soon>.")
    visit()

    page.get_by_role("link", name=re.compile("budget-bot")).click()
    expect(said(page, "Due 2026-11-26 1:00 AM.")).to_be_visible()
    types(page, "thank you")
    expect(said(page, "thank you")).to_be_visible()


def test_another_person_sees_what_is_theirs(visit, workspace, page):
    workspace.does("command", user="U0OWEN", channel="C0SEARCH", text="/budget help")
    visit()
    expect(page.get_by_text("Only visible to you")).to_be_visible()

    page.get_by_label("You are").select_option("Gil Novak (guest)")

    expect(page.get_by_text("Only visible to you")).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("growth"))).to_have_count(0)


def test_a_form_is_reached_filled_and_sent_by_keyboard(visit, page):
    visit(place="C0GROWTH")

    page.keyboard.press("Control+k")
    page.keyboard.type("sear")
    page.keyboard.press("Enter")
    expect(page.locator("#place-name")).to_have_text("# search")
    expect(page.get_by_role("combobox", name="Message")).to_be_focused()
    page.keyboard.type("/budget request")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Amount in dollars")).to_be_focused()
    page.keyboard.type("50")
    page.keyboard.press("Tab")
    page.keyboard.type("Three")
    tabs_to(page, page.get_by_label("Reason"), key="Tab")
    page.keyboard.type("a reason")
    tabs_to(page, page.get_by_label("Amount in dollars"))
    page.keyboard.press("Enter")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(said(page, "asks for $50.00 more")).to_be_visible()


def test_a_button_is_reached_and_pressed_by_keyboard(visit, workspace, page):
    workspace.bot_posts(text="at 85 %", blocks=standin.alert())
    visit()

    tabs_to(page, page.get_by_role("button", name="Approve"))
    page.keyboard.press("Space")

    expect(said(page, "Approved by")).to_be_visible()


def tabs_to(page, target, key="Shift+Tab"):
    for _ in range(80):
        page.keyboard.press(key)
        if target.evaluate("node => node === document.activeElement"):
            return
    pytest.fail("the keyboard never gets there")


def test_focus_stays_inside_an_open_form(visit, page):
    visit()
    types(page, "/budget request")
    expect(page.get_by_role("dialog")).to_be_visible()

    for _ in range(25):
        page.keyboard.press("Tab")
        inside = (
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
        assert page.evaluate(inside)


@pytest.fixture
def phone(browser):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    yield context.new_page()
    context.close()


def test_it_is_usable_on_a_phone(phone, workspace):
    workspace.bot_posts(text="at 85 %", blocks=[*standin.alert(), standin.CHART])
    phone.goto(f"{workspace.address}/?as=U0OWEN#C0GROWTH")

    phone.get_by_role("button", name="Show channels").tap()
    phone.get_by_role("link", name=re.compile("search")).tap()
    expect(phone.locator("#place-name")).to_have_text("# search")
    expect(phone.locator("#sidebar")).to_be_hidden()
    fits = "document.documentElement.scrollWidth <= innerWidth"
    assert phone.evaluate(fits)
    phone.get_by_role("button", name="Approve").tap()
    expect(said(phone, "Approved by @Owen Park.")).to_be_visible()
    phone.get_by_role("combobox", name="Message").fill("/budget request")
    phone.get_by_role("button", name="Send").first.tap()
    expect(phone.get_by_role("dialog", name="Ask for more budget")).to_be_visible()
    phone.get_by_role("button", name="Cancel").tap()
    expect(phone.get_by_role("dialog")).to_have_count(0)
    assert phone.evaluate(fits)
