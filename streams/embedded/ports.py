"""Free ports on 127.0.0.1 that stay free while a broker is down."""

from __future__ import annotations

import itertools
import os
import random
import socket
from typing import Final

HOST: Final = "127.0.0.1"
_RANGE: Final = range(20_000, 32_000)
"""Below the ports that Linux and macOS give to outgoing connections, so that none of these takes ours."""

_BLOCK: Final = 60


def free_ports(number: int) -> list[int]:
    """So many different ports on which nobody listens.

    They come from a block that goes by our process number, so that processes that look at the same moment
    do not find the same ports.
    """
    chance = random.SystemRandom()
    block = _RANGE[os.getpid() % (len(_RANGE) // _BLOCK) * _BLOCK :][:_BLOCK]
    own = chance.sample(block, len(block))
    others = iter(lambda: chance.choice(_RANGE), None)
    found: set[int] = set()
    for port in itertools.chain(own, others):
        if len(found) == number:
            break
        if port not in found and is_free(port):
            found.add(port)
    return list(found)


def is_free(port: int) -> bool:
    """Whether one could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the broker does
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
