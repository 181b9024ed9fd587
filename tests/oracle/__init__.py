"""A second, slow implementation of the screening specification, for cross-checks in tests.

It shares no code with the product. It prefers loops over dates and exact fractions to speed, so that
each function can be read beside the paragraph of the specification that it implements.
"""

from functools import lru_cache
from pathlib import Path

from tests.oracle.accept import judge_bytes
from tests.oracle.random_events import random_events, random_exemptions
from tests.oracle.screen import Result, screen
from tests.oracle.tables import Tables, read_tables

__all__ = [
    "Result",
    "Tables",
    "judge_bytes",
    "own_tables",
    "random_events",
    "random_exemptions",
    "read_tables",
    "screen",
]


@lru_cache
def own_tables() -> Tables:
    """The role tables of the policy that comes with the product, read once."""
    return read_tables(Path(__file__).parents[2] / "policy" / "data" / "cpcp019")
