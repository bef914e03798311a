"""How a number reads as a cell, whether a server or a workbook gives it."""

from decimal import Decimal


def number_text(number: float) -> str:
    """Digits without an exponent: a whole number without `.0`, others as short as only this number reads."""
    return str(int(number)) if number.is_integer() else f"{Decimal(repr(number)):f}"
