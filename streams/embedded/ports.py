"""Free ports on 127.0.0.1 that stay free while a broker is down."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection
from typing import Final

HOST: Final = "127.0.0.1"
_RANGE: Final = range(20_000, 32_000)
"""Below the ports that Linux and macOS give to outgoing connections, so that none of these takes ours."""


def free_ports(number: int, taken: Collection[int] = ()) -> list[int]:
    """So many different ports on which nobody listens."""
    found: list[int] = []
    chance = random.SystemRandom()
    while len(found) < number:
        port = chance.choice(_RANGE)
        if port not in found and port not in taken and is_free(port):
            found.append(port)
    return found


def is_free(port: int) -> bool:
    """Whether one could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the broker does
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
