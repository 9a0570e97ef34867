from bot.sources import Kind, Lane, Reported, SourceSetting, lane_of, silenced


def test_what_a_vendor_reports_beside_its_bill_informs_and_counts_nowhere():
    bills = [
        Reported(f"bill/{name}", account, Kind.BILL)
        for name, account in (
            ("anthropic", "anthropic"),
            ("claude-code", "anthropic"),
            ("openai", "openai"),
            ("openai-usage", "openai"),
        )
    ]

    assert silenced(bills, ()) == {
        ("bill/claude-code", "anthropic"),
        ("bill/openai-usage", "openai"),
    }


def test_the_contract_has_the_last_word_on_a_report():
    word = SourceSetting("bill/claude-code", lane=Lane.BILLED)

    assert lane_of("bill/claude-code", Kind.BILL, (word,)) is Lane.BILLED


def test_a_lane_that_a_source_cannot_be_in_says_nothing():
    """A file that says so is refused today; what was stored before is no reason to silence."""
    gate = SourceSetting("gate", lane=Lane.BILLED)
    bill = SourceSetting("bill/openai", lane=Lane.REALTIME)
    heard = [
        Reported("gate", "openai", Kind.GATEWAY),
        Reported("bill/openai", "openai", Kind.BILL),
    ]

    assert lane_of("gate", Kind.GATEWAY, (gate, bill)) is Lane.REALTIME
    assert lane_of("bill/openai", Kind.BILL, (gate, bill)) is Lane.BILLED
    assert silenced(heard, (gate, bill)) == frozenset()


def test_several_exports_of_an_account_count_where_no_vendor_bills_it():
    exports = [Reported(f"bill/focus-{name}", "aws.bedrock", Kind.EXPORT) for name in ("a", "b")]
    vendors = [Reported(f"bill/{name}", "aws.bedrock", Kind.BILL) for name in ("vendor", "x")]

    assert silenced(exports, ()) == frozenset()
    assert silenced([*exports, *vendors], ()) == {
        ("bill/focus-a", "aws.bedrock"),
        ("bill/focus-b", "aws.bedrock"),
        ("bill/x", "aws.bedrock"),
    }
