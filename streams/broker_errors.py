"""What keeps a broker from doing what was asked, in words that tell the cases apart."""

from __future__ import annotations

import os
import socket
import ssl
from typing import Final, Literal

from aiokafka import errors

Kind = Literal["unreachable", "tls", "authentication", "authorization", "refused"]

_KINDS: Final[tuple[tuple[type[Exception], Kind, str], ...]] = (
    (
        errors.UnsupportedSaslMechanismError,
        "authentication",
        "authentication refused: the broker does not offer this mechanism",
    ),
    (
        errors.IllegalSaslStateError,
        "authentication",
        "authentication refused: the broker wants none on this port",
    ),
    (
        errors.SaslAuthenticationFailed,
        "authentication",
        "authentication refused: wrong user, password or mechanism",
    ),
    # SCRAM works both ways: what the broker answers proves that it knows the password too.
    (ValueError, "authentication", "authentication refused by us: the broker does not prove who it is"),
    (errors.TopicAuthorizationFailedError, "authorization", "not authorized: the ACLs of a topic forbid it"),
    (
        errors.GroupAuthorizationFailedError,
        "authorization",
        "not authorized: the ACLs of the group forbid it",
    ),
    (errors.ClusterAuthorizationFailedError, "authorization", "not authorized: the cluster's ACLs forbid it"),
    (
        errors.KafkaConnectionError,
        "unreachable",
        "cannot connect: the broker closed the connection (wrong security protocol?)",
    ),
    (
        errors.NodeNotReadyError,
        "unreachable",
        "cannot connect to the address that the broker gives (advertised.listeners)",
    ),
    (TimeoutError, "unreachable", "cannot connect: no answer in time"),
)
"""What an error means; the first that fits counts."""


class BrokerError(Exception):
    """A broker cannot be used, or refuses what was asked.

    Attributes:
        kind: what failed.
    """

    def __init__(self, kind: Kind, message: str) -> None:
        """Keep the kind beside the message."""
        self.kind: Kind = kind
        super().__init__(message)

    @property
    def lasting(self) -> bool:
        """Whether waiting is of no use: somebody must change a setting or the broker."""
        return self.kind in {"tls", "authentication", "authorization"}


def told(error: Exception, server: str) -> BrokerError:
    """What a failed connection or request means to an operator; the broker's own text is left out.

    Args:
        error: what aiokafka or the system raised.
        server: the broker or brokers, `host:port`.
    """
    kind, message = _words(error)
    return BrokerError(kind, f"{server}: {message}")


def _words(error: Exception) -> tuple[Kind, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = getattr(error, "verify_message", "unknown cause")
        return "tls", f"TLS failed, the broker's certificate is not trusted: {why}"
    if isinstance(error, ssl.SSLError):
        why = str(getattr(error, "reason", None) or "unknown cause")
        return "tls", f"TLS failed: {why.lower().replace('_', ' ')}"
    for type_, kind, message in _KINDS:
        if isinstance(error, type_):
            return kind, message
    if isinstance(error, OSError):
        return "unreachable", f"cannot connect: {_cause(error)}"
    return "refused", f"the broker answers {type(error).__name__}"


def _cause(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "no such host"
    if error.errno:
        return os.strerror(error.errno)
    return "the connection was reset" if isinstance(error, ConnectionError) else "no address of it answers"
