"""Reading of text fields (section 1): blanks, absence, national drug codes."""

import re

BLANKS = " \t\r\n"


def absent(value: object) -> bool:
    """Tell whether a value counts as absent: null, or a string of blanks alone."""
    return value is None or (isinstance(value, str) and value.strip(BLANKS) == "")


def repaired_ndc(text: str) -> str | None:
    """Return the 11 digits of a national drug code, or None for a string that is none."""
    packed = text
    for blank in BLANKS:
        packed = packed.replace(blank, "")
    for pattern, widths in (
        (r"[0-9]{4}-[0-9]{4}-[0-9]{2}", (5, 4, 2)),
        (r"[0-9]{5}-[0-9]{3}-[0-9]{2}", (5, 4, 2)),
        (r"[0-9]{5}-[0-9]{4}-[0-9]{1}", (5, 4, 2)),
    ):
        if re.fullmatch(pattern, packed):
            return "".join(part.zfill(width) for part, width in zip(packed.split("-"), widths, strict=True))
    digits = packed.replace("-", "")
    return digits if re.fullmatch(r"[0-9]{11}", digits) else None
