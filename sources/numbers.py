"""The text of a number in a cell, whether it comes from Impartner or a workbook."""

from decimal import Decimal


def number_text(number: float) -> str:
    """Digits without an exponent: whole numbers without `.0`, others in the shortest form that round-trips."""
    return str(int(number)) if number.is_integer() else f"{Decimal(repr(number)):f}"
