"""Laws of durations."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.duration import format_duration, parse_duration


@given(st.integers(0, 10**20))
def test_what_is_formatted_is_read_back(microseconds: int) -> None:
    """Formatting loses nothing."""
    assert parse_duration(format_duration(microseconds)) == microseconds


@given(st.integers(0, 10**15 - 1), st.sampled_from([("s", "seconds"), ("m", "minutes"), ("h", "hours")]))
def test_a_whole_number_counts_its_unit(number: int, unit: tuple[str, str]) -> None:
    """A whole number of a unit is that many units in microseconds."""
    one = timedelta(**{unit[1]: 1}) // timedelta(microseconds=1)
    assert parse_duration(f"{number}{unit[0]}") == number * one


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("15m", 900_000_000),
        ("1.5h", 5_400_000_000),
        ("0.5s", 500_000),
        ("0.000001s", 1),
        ("0.000001h", 3600),
        ("007s", 7_000_000),
        ("0s", 0),
        ("0h", 0),
    ],
)
def test_durations_as_people_write_them(text: str, microseconds: int) -> None:
    """A number with s, m or h; decimals are decimals of the unit."""
    assert parse_duration(text) == microseconds


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [
        (0, "0s"),
        (1, "0.000001s"),
        (1_500_000, "1.5s"),
        (10_000_000, "10s"),
        (90_000_000, "90s"),
        (900_000_000, "15m"),
        (5_400_000_000, "90m"),
        (7_200_000_000, "2h"),
        (86_400_000_000, "24h"),
    ],
)
def test_the_largest_unit_that_makes_a_whole_number(microseconds: int, text: str) -> None:
    """A duration is written in the largest unit that makes it a whole number, else in seconds."""
    assert format_duration(microseconds) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "15",
        "m",
        "-1m",
        "+1m",
        "1 m",
        " 1m",
        "1m ",
        "1m\n",
        "1M",
        "1d",
        "1ms",
        "1.m",
        ".5m",
        "1.0000001s",
        "1e3s",
        "1,5m",
        "1_0s",
        "\u0661s",
        "\u00b2s",
        "1h30m",
        "1" * 16 + "s",
        "inf",
        "nans",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    """Anything but a number with s, m or h is refused, with a word on what is wanted."""
    with pytest.raises(ValueError, match=r"^a duration is a number with s, m or h, as in 15m$"):
        parse_duration(text)


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text has another outcome than a number of microseconds or a ValueError."""
    with contextlib.suppress(ValueError):
        assert parse_duration(text) >= 0


def test_a_negative_duration_is_not_written() -> None:
    """There are no negative durations."""
    with pytest.raises(ValueError, match=r"^a duration is not negative$"):
        format_duration(-1)
