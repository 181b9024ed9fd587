"""Two policies with differences of several kinds, which add, remove and change edits."""

from __future__ import annotations

import re

from tests.streams.report.backtest_folder import Change


def _replaced(*pairs: tuple[str, str]) -> Change:
    def change(text: str) -> str:
        for old, new in pairs:
            assert text.count(old) == 1
            text = text.replace(old, new)
        return text

    return change


drafted = _replaced(
    ('version = "2.0"\ntitle', 'version = "2.1 draft"\ntitle'),
    ('[rules.noc_per_diem]\ndisposition = "inform"', '[rules.noc_per_diem]\ndisposition = "review"'),
    ('core = "deny"\n', 'core = "review"\n'),
    ('places = ["12"]', 'places = ["11"]'),
)
"""The draft: milder on supplies, silent on drugs without a per diem; unspecific per diems are looked at."""

earlier = _replaced(('therapies = ["catheter_care"]', "therapies = []"))
"""What the draft is held against: it pays catheter care apart."""


def milder(codes: str) -> str:
    """The code table of the draft: days of S9500 without a drug go to review."""
    changed, count = re.subn(r"(?m)^(S9500,.*)missing_drug=deny", r"\1missing_drug=review", codes)
    assert count == 1
    return changed
