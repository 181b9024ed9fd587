"""Access control entries in words."""

from __future__ import annotations

from typing import Final, Literal

AccessEntry = tuple[int, str, int, str, str, int, int]
"""Resource type, resource name, pattern type, principal, host, operation, permission: Kafka's numbers."""

Resource = Literal["topic", "group", "cluster", "transactional_id"]
Operation = Literal[
    "all", "read", "write", "create", "delete", "alter", "describe", "describe_configs", "idempotent_write"
]

CLUSTER: Final = "kafka-cluster"
"""The name of the one resource `cluster`."""

_RESOURCES: Final[dict[Resource, int]] = {"topic": 2, "group": 3, "cluster": 4, "transactional_id": 5}
_OPERATIONS: Final[dict[Operation, int]] = {
    "all": 2,
    "read": 3,
    "write": 4,
    "create": 5,
    "delete": 6,
    "alter": 7,
    "describe": 8,
    "describe_configs": 10,
    "idempotent_write": 12,
}
_LITERAL: Final = 3
_PREFIXED: Final = 4
_ALLOW: Final = 3


def allow(
    user: str, resource: Resource, name: str, operation: Operation, *, prefixed: bool = False
) -> AccessEntry:
    """An entry that lets a user do something.

    Args:
        user: its name, or `*` for all.
        resource: what kind of thing.
        name: its name, `*` for all, or CLUSTER.
        operation: what may be done.
        prefixed: `name` is the beginning of names.
    """
    pattern = _PREFIXED if prefixed else _LITERAL
    return (_RESOURCES[resource], name, pattern, f"User:{user}", "*", _OPERATIONS[operation], _ALLOW)
