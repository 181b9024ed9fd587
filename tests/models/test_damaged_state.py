"""Damaged state entries are refused with one error, which says what is wrong and quotes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from models.state import Entry
from tests.models.state_entries import DAMAGED, MEMBER, OWN_KEY, full_state, refusal, with_value

KEY_DAMAGED = "a state key is damaged"
ORPHAN = "a claim line has a state entry, its claim has none"

keys = pytest.mark.parametrize("key", full_state())


def with_key(key: bytes, changed: bytes) -> list[Entry]:
    """The full state with one entry under another key."""
    return [(changed if each == key else each, value) for each, value in full_state().items()]


def flipped(data: bytes) -> Iterator[bytes]:
    """The bytes with each of their bits flipped in turn."""
    for at in range(len(data)):
        for bit in range(8):
            yield data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


@keys
def test_a_truncated_value_is_refused(key: bytes) -> None:
    """Cut off after any of its bytes, or followed by more, a value is no entry."""
    value = full_state()[key]
    for cut in (*(value[:end] for end in range(len(value))), value + value, value + b"]"):
        assert refusal((full_state() | {key: cut}).items()) == DAMAGED


@keys
def test_a_truncated_key_is_refused(key: bytes) -> None:
    """Cut off after any of its bytes, a key is no key."""
    for end in range(len(key)):
        assert refusal(with_key(key, key[:end])) == KEY_DAMAGED


@keys
def test_a_flipped_bit_is_refused_or_says_something_else(key: bytes) -> None:
    """Whatever bit of a value or key is flipped, the entries are refused or can be read and written."""
    reasons = {refusal((full_state() | {key: value}).items()) for value in flipped(full_state()[key])}
    reasons |= {refusal(with_key(key, changed)) for changed in flipped(key)}
    known = {DAMAGED, KEY_DAMAGED, ORPHAN, None}
    assert {DAMAGED, KEY_DAMAGED} <= reasons
    assert all(
        reason in known or (reason or "").startswith("a state entry is of form ") for reason in reasons
    )


@pytest.mark.parametrize(
    "changed",
    [
        *(
            b"",
            b"{}",
            b'""',
            b"null",
            b"0",
            b"[[]]",
            b'[["M"]]',
            b'["M"]',
            b'"MC"',
            b'{"M":1,"C":2}',
            b"\xff",
        ),
        *(
            b'["M",1]',
            b'[1,"C"]',
            b'["M",null]',
            b'["M",["C"]]',
            b'["M",{}]',
            b'["M","C",1,2]',
            b'["M","C",[1]]',
        ),
        *(b'["M","C","1"]', b'["M","C",1.0]', b'["M","C",true]', b'["M","C",null]', b'["M","C",{}]'),
        *(b'["M","C",0]', b'["M","C",1000]', b'["M","C",-1]', b'["M\\ud800","C"]', b'\xef\xbb\xbf["M","C"]'),
        *(b"[" * 100_000, b'["M","C",' + b"1" * 5000 + b"]", '["M","C"]'.encode("utf-16")),
    ],
    ids=lambda key: key[:16].decode("latin-1"),
)
def test_a_key_of_another_form_is_refused(changed: bytes) -> None:
    """A key is empty, or holds member and claim, or member, claim and line number, each of its type."""
    for value in full_state().values():
        assert refusal([(changed, value)]) == KEY_DAMAGED


def test_a_value_under_a_key_of_another_kind_is_refused() -> None:
    """A line's, a claim's and the partition's values are not taken for each other."""
    values = [full_state()[key] for key in OWN_KEY.values()]
    for key in OWN_KEY.values():
        reasons = [refusal((full_state() | {key: value}).items()) for value in values]
        assert sorted(reasons, key=str) == [None, DAMAGED, DAMAGED]


def test_a_line_without_its_claim_is_refused() -> None:
    """The claim's entry says whether it was screened: without it, its verdict would start anew."""
    claims = [key for key in full_state() if len(json.loads(key)) == 2 and b"GONE" not in key]
    assert len(claims) == 3
    for missing in claims:
        rest = [entry for entry in full_state().items() if entry[0] != missing]
        assert refusal(rest) == refusal(rest[::-1]) == ORPHAN


@pytest.mark.parametrize("kind", OWN_KEY)
def test_what_is_no_value_is_refused(kind: str) -> None:
    """Other JSON, other encodings, too many or too few parts, and nesting without end are refused."""
    key = OWN_KEY[kind]
    sound = full_state()[key].decode()
    texts = [
        "null",
        "{}",
        "1",
        '"x"',
        "[]",
        "[1]",
        f"{sound[:-1]},0]",
        f"[{sound}]",
        "[" * 100_000,
        "\ufeff" + sound,
    ]
    texts += [
        sound.replace("[1,", form, 1) for form in ("[true,", "[1.0,", '["1",', "[null,", "[[1],", "[NaN,")
    ]
    for value in (*(text.encode() for text in texts), sound.encode("utf-16"), b"\xff" + sound.encode()):
        assert refusal((full_state() | {key: value}).items()) == DAMAGED


def test_no_refusal_quotes_an_entry() -> None:
    """Even where an id stands in the place of the form, the message does not show it."""
    for key, value in full_state().items():
        for form in (MEMBER, "C-SECRET", [MEMBER], {MEMBER: 1}):
            reason = refusal(with_value(key, [form, *json.loads(value)[1:]]))
            assert reason == DAMAGED
