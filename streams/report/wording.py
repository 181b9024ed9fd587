"""Amounts and counts as the page writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

_MINUS: Final = "\N{MINUS SIGN}"


def dollars(amount: Decimal) -> str:
    """$1,234.56."""
    return f"{_MINUS if amount < 0 else ''}${abs(amount):,.2f}"


def signed(amount: Decimal) -> str:
    """A change of an amount: +$1,234.56; $0.00 where there is none."""
    return f"+{dollars(amount)}" if amount > 0 else dollars(amount)


def counted(number: int, what: str) -> str:
    """1 edit, 2,000 edits."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def rule_name(rule: str) -> str:
    """A rule's name in words."""
    return rule.replace("_", " ")
