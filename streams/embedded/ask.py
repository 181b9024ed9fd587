"""Questions to a broker over a plain socket, by aiokafka's own messages, without an event loop."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest_v1
from aiokafka.protocol.coordination import FindCoordinatorRequest_v0
from aiokafka.protocol.metadata import MetadataRequest_v1

from streams.embedded.access import AccessEntry
from streams.embedded.extras import EmbeddedKafkaError
from streams.embedded.ports import HOST

_PATIENCE: Final = 10.0
"""Seconds for one answer."""


def ask(port: int, request: Any) -> Any:  # noqa: ANN401 - aiokafka's messages have no types
    """The answer to one message.

    Raises:
        OSError: nobody listens, or the connection broke.
    """
    header = request.build_request_header(correlation_id=1, client_id="dripline")
    message = header.encode() + request.encode()
    with socket.create_connection((HOST, port), timeout=_PATIENCE) as connection:
        connection.sendall(len(message).to_bytes(4, "big") + message)
        with connection.makefile("rb") as answer:
            size = int.from_bytes(answer.read(4), "big")
            body = answer.read(size)
    if len(body) != size or size == 0:
        raise ConnectionResetError
    answered = BytesIO(body)
    request.parse_response_header(answered)
    return request.RESPONSE_TYPE.decode(answered)


def live_nodes(port: int) -> set[int]:
    """The nodes that serve, as the broker at this port sees it; empty while it does not answer."""
    try:
        return {broker[0] for broker in ask(port, MetadataRequest_v1([])).brokers}
    except OSError:
        return set()


def coordinates_groups(port: int) -> bool:
    """Whether the broker at this port names a coordinator of consumer groups.

    A fresh broker does not for about a second: the first question makes the topic of the groups' offsets.
    """
    try:
        return bool(ask(port, FindCoordinatorRequest_v0("dripline")).error_code == 0)
    except OSError:
        return False


def add_access(port: int, entries: Sequence[AccessEntry]) -> None:
    """Add access control entries.

    Raises:
        EmbeddedKafkaError: the broker refused one.
    """
    for code, _ in ask(port, CreateAclsRequest_v1(list(entries))).creation_responses:
        if code:
            raise EmbeddedKafkaError(f"The broker refused an access control entry: {for_code(code).__name__}")
