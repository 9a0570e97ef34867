from decimal import Decimal

import pytest

from bot.money import NotMoney, read_usd


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("400", "400"),
        ("$1,200.50", "1200.50"),
        ("1 200 USD", "1200"),
        ("400 USD", "400"),
        ("400 dollars", "400"),
        ("US$ 400", "400"),
        (".5", "0.5"),
    ],
)
def test_an_amount_is_read_as_people_write_it(text, amount):
    assert read_usd(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "lots", "-5", "1.200,50", "12,00", "400k", "€400", "9" * 60])
def test_anything_else_is_refused(text):
    with pytest.raises(NotMoney):
        read_usd(text)
