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
