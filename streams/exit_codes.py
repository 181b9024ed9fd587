"""With what a command ends: what other programs read of it."""

from __future__ import annotations

import signal
from typing import Final


def by_signal(number: signal.Signals) -> int:
    """The exit code of a command that a signal stopped, as a shell tells it."""
    return 128 + number


FAULT: Final = 1
"""A fault of the program."""
WRONG_USE: Final = 2
"""Usage or configuration: something that the caller can put right."""
REJECTED: Final = 3
"""With `--strict`: a line, or a claim of an 837, could not be used; the results are there."""
INTERRUPTED: Final = by_signal(signal.SIGINT)
"""Stopped from the keyboard: 130."""
NOBODY_READS: Final = by_signal(signal.SIGPIPE)
"""Whoever read standard output has gone: 141."""
TERMINATED: Final = by_signal(signal.SIGTERM)
"""Stopped by SIGTERM: 143."""
