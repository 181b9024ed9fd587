"""How Grafana writes a value: its units, as far as these dashboards use them."""

from __future__ import annotations

import math
from typing import Final

_SUFFIX: Final = "suffix:"
_THOUSANDS: Final = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))
_BYTES: Final = ((2.0**40, "TiB"), (2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"))
_TIMES: Final = ((86_400.0, "day"), (3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"))
_SCALES: Final = {"s": (_TIMES, "s"), "bytes": (_BYTES, "B"), "short": (_THOUSANDS, "")}
"""What scales a unit, and how it is called below the least."""


def written(value: float, unit: str, decimals: int | None = None) -> str:
    """A value with its unit.

    Args:
        value: in the base unit.
        unit: Grafana's name of the unit.
        decimals: digits behind the point; None: as many as say something.
    """
    if math.isnan(value):
        return "no value"
    if unit == "percentunit":
        return f"{_digits(value * 100, decimals)} %"
    if unit in _SCALES:
        return _scaled(value, *_SCALES[unit], decimals)
    if unit == "currencyUSD":
        sign = "-" if value < 0 else ""
        return f"{sign}${_scaled(abs(value), _THOUSANDS, '', decimals, space='')}"
    text = _digits(value, decimals)
    return text + unit.removeprefix(_SUFFIX) if unit.startswith(_SUFFIX) else text


def _scaled(
    value: float,
    scale: tuple[tuple[float, str], ...],
    least: str,
    decimals: int | None,
    space: str = " ",
) -> str:
    for size, name in scale:
        if abs(value) >= size:
            return f"{_digits(value / size, decimals)}{space}{name}"
    return f"{_digits(value, decimals)}{space}{least}".rstrip()


def _digits(value: float, decimals: int | None) -> str:
    if decimals is not None:
        rounded = round(value, decimals)
        return f"{rounded or 0.0:,.{decimals}f}"
    if value == 0 or abs(value) >= 100:  # noqa: PLR2004 - three digits say enough
        return f"{value:,.0f}"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(places, 6)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
