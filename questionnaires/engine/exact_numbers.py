"""Numbers without rounding: from JSON to exact decimals and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from questionnaires.engine.limits import NUMBER_DECIMALS, NUMBER_DIGITS


def exact_number(value: Any) -> Decimal | None:
    """Return a JSON number as it was written, exact; None when it is none or has too many digits.

    A float is taken as the shortest decimal that reads as it: that is what was written, as long
    as it had at most 15 digits.
    """
    if type(value) not in (int, float, Decimal):
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or abs(number) >= 10**NUMBER_DIGITS:
        return None
    exponent = number.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > NUMBER_DECIMALS:
        return None
    digits = number.adjusted() + 1 + max(0, -exponent)
    return plain(number) if digits <= NUMBER_DIGITS else None


def plain(number: Decimal) -> Decimal:
    """Return the same amount without zeros at its end and without an exponent."""
    shortest = number.normalize()
    exponent = shortest.as_tuple().exponent
    return shortest.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else shortest


def json_number(number: Decimal) -> int | float:
    """Return an exact number as JSON holds it; keeps every digit of what `exact_number` gives."""
    return int(number) if number == number.to_integral_value() else float(number)
