"""Damage to a file of segments, drawn from a seed, and the claims that it may change."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

Damage = tuple[bytes, set[str]]

_BYTES = b"*:~|>^!\r\n\t \0AZ09-.\xc3\xff"


def _changed(draw: random.Random, text: bytes) -> bytes:
    at = draw.randrange(len(text))
    return text[:at] + bytes([draw.choice(_BYTES)]) + text[at + 1 :]


def _random_byte(draw: random.Random, text: bytes) -> bytes:
    at = draw.randrange(len(text))
    return text[:at] + bytes([draw.randrange(256)]) + text[at + 1 :]


def _dropped(draw: random.Random, text: bytes) -> bytes:
    at = draw.randrange(len(text))
    return text[:at] + text[at + 1 :]


def _inserted(draw: random.Random, text: bytes) -> bytes:
    at = draw.randrange(len(text))
    return text[:at] + bytes([draw.choice(_BYTES)]) + text[at:]


def _name_changed(draw: random.Random, text: bytes) -> bytes:
    at = draw.randrange(3)
    return text[:at] + bytes([draw.randrange(65, 91)]) + text[at + 1 :]


def _unended(draw: random.Random, text: bytes) -> bytes:
    return text.rstrip(b"\r\n")[:-1] + draw.choice([b"", b"?", b"\n", b"0"])


def _element_dropped(draw: random.Random, text: bytes) -> bytes:
    parts = text.split(b"*")
    if len(parts) > 2:
        del parts[draw.randrange(1, len(parts) - 1)]
    return b"*".join(parts)


def _stuffed(draw: random.Random, text: bytes) -> bytes:
    at = draw.randrange(len(text))
    return text[:at] + bytes(draw.randrange(256) for _ in range(draw.choice([3, 30, 9000]))) + text[at:]


def _removed(_: random.Random, __: bytes) -> bytes:
    return b""


def _doubled(_: random.Random, text: bytes) -> bytes:
    return text + text


WAYS: Sequence[Callable[[random.Random, bytes], bytes]] = (
    _changed,
    _random_byte,
    _dropped,
    _inserted,
    _name_changed,
    _unended,
    _element_dropped,
    _removed,
    _doubled,
)
"""Damage that stays in one segment."""


def damaged(seed: int, segments: Sequence[bytes], concerns: Sequence[set[str]]) -> tuple[str, Damage]:
    """A file with one segment damaged; its way, its bytes, the claims that may be changed."""
    draw = random.Random(seed)
    at = draw.randrange(len(segments))
    way = draw.choice(WAYS)
    parts = list(segments)
    parts[at] = way(draw, parts[at])
    return f"{way.__name__} {segments[at]!r} -> {parts[at]!r}", (b"".join(parts), concerns[at])


def ruined(seed: int, segments: Sequence[bytes]) -> bytes:
    """A file damaged all over: segments damaged, swapped, cut off, and rubbish between them."""
    draw = random.Random(seed)
    parts = list(segments)
    for _ in range(draw.choice([1, 5, 50])):
        at, other = draw.randrange(len(parts)), draw.randrange(len(parts))
        way = draw.randrange(4)
        if way == 0:
            parts[at], parts[other] = parts[other], parts[at]
        elif way == 1 and parts[at]:
            parts[at] = _stuffed(draw, parts[at])
        elif parts[at]:
            parts[at] = draw.choice(WAYS)(draw, parts[at] if len(parts[at]) > 3 else b"XX*1~")
    data = b"".join(parts)
    return data[: draw.randrange(len(data) + 1)] if draw.random() < 0.3 else data
