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
    ('therapies = ["catheter_care"]', "therapies = []"),
)
"""The draft: milder on supplies, catheter care is paid apart, a person looks at unspecific per diems."""

earlier = _replaced(('"S9366", "S9367", "S9368"]', '"S9366"]'))
"""What the draft is held against: it lacks two per diems that formula is inside of."""


def milder(codes: str) -> str:
    """The code table of the draft: days of S9500 without a drug go to review."""
    changed, count = re.subn(r"(?m)^(S9500,.*)missing_drug=deny", r"\1missing_drug=review", codes)
    assert count == 1
    return changed
