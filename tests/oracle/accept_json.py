"""From the bytes of a line to a JSON value (section 1); numbers stay as they are written."""

import json
import re
from dataclasses import dataclass

MAX_NESTING = 100


@dataclass(frozen=True)
class Number:
    """A JSON number as it is written."""

    text: str


def _refuse(_: str) -> None:
    raise ValueError


def _nesting(text: str) -> int:
    """Return how deep brackets lie in each other outside strings; the outermost is the first level."""
    depth = deepest = 0
    for mark in re.findall(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', text, re.DOTALL):
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest


def _has_lone_surrogate(text: str) -> bool:
    """Tell whether an escape of half a surrogate pair stands without its other half."""
    awaited = None
    for match in re.finditer(r"\\u([0-9a-fA-F]{4})|\\.", text, re.DOTALL):
        unit = int(match[1], 16) if match[1] else 0
        if awaited is not None and (match.start() != awaited or not 0xDC00 <= unit <= 0xDFFF):
            return True
        if awaited is None and 0xDC00 <= unit <= 0xDFFF:
            return True
        awaited = match.end() if 0xD800 <= unit <= 0xDBFF else None
    return awaited is not None


def parse(raw: bytes) -> object:
    """Return the JSON value of the bytes, numbers as Number; raise ValueError where they are not JSON."""
    text = raw.decode("utf-8")
    if _nesting(text) > MAX_NESTING:
        raise ValueError
    value: object = json.loads(text, parse_int=Number, parse_float=Number, parse_constant=_refuse)
    if _has_lone_surrogate(text):
        raise ValueError
    return value
