"""With what a command ends: what other programs read of it."""

from __future__ import annotations

import signal
from typing import Final

FAULT: Final = 1
"""A fault of the program."""
WRONG_USE: Final = 2
"""Usage or configuration: something that the caller can put right."""
REJECTED: Final = 3
"""With `--strict`: a line, or a claim of an 837, could not be used; the results are there."""
INTERRUPTED: Final = 128 + signal.SIGINT
"""Stopped from the keyboard: 130."""
NOBODY_READS: Final = 128 + signal.SIGPIPE
"""Whoever read standard output has gone: 141."""
TERMINATED: Final = 128 + signal.SIGTERM
"""Stopped by SIGTERM: 143."""
