"""A Kafka cluster of one node or three on 127.0.0.1, started and stopped by this process."""

from __future__ import annotations

import signal
import time
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

from streams.embedded.access import AccessEntry
from streams.embedded.ask import add_access, coordinates_groups, live_nodes
from streams.embedded.defaults import defaults
from streams.embedded.guard import Guard
from streams.embedded.jars import Progress
from streams.embedded.layout import Layout
from streams.embedded.node import Node
from streams.embedded.prepare import Runtime, prepare
from streams.embedded.security import Security

_TO_START: Final = 90.0
"""Seconds until a node must serve."""

_TO_STOP: Final = 20.0
"""Seconds for an orderly stop; then it is killed."""

_PAUSE: Final = 0.02

_ALONE: Final = 1.0
"""The same for a node whose peers have stopped. It waits for them in vain; its log is closed by then."""


def _serves(port: int, nodes: set[int]) -> bool:
    """Whether the node at this port serves and sees the others do so."""
    return nodes <= live_nodes(port)


class EmbeddedKafka:
    """The cluster; a context manager that starts it and stops it.

    Its nodes have the numbers 1 to `nodes`, each is broker and controller; of three, one may be lost. They
    end with this process, also when it is killed.

    Args:
        folder: data, settings and logs. One that holds a cluster already goes on with its data and ports.
        nodes: one or three.
        settings: settings of every broker, over the defaults.
        security: TLS, passwords and access lists for clients; None is plaintext.
        heap: largest heap of each node.
        progress: told how far the fetching of jars is.

    Raises:
        EmbeddedKafkaError: a package or a jar is missing, or Kafka does not start (all methods).
    """

    def __init__(
        self,
        folder: Path,
        *,
        nodes: int = 1,
        settings: Mapping[str, str] | None = None,
        security: Security | None = None,
        heap: str = "384m",
        progress: Progress | None = None,
    ) -> None:
        if nodes not in (1, 3):
            raise ValueError("an embedded Kafka has one node or three")
        self._folder = folder.absolute()
        self._security = security
        self._settings = {**defaults(nodes, secure=security is not None), **(settings or {})}
        self._size = nodes
        self._heap = heap
        self._progress = progress
        self._guard: Guard | None = None
        self._nodes: dict[int, Node] = {}
        self._layout = Layout("", {})

    @property
    def bootstrap_servers(self) -> str:
        """Addresses for clients."""
        return self._layout.servers("CLIENT")

    @property
    def inner_servers(self) -> str:
        """Addresses without TLS and password; whoever comes by them may do all."""
        return self._layout.servers("INNER")

    @property
    def ca_file(self) -> Path:
        """Certificate that a client of the secured listener trusts."""
        return self._folder / "tls" / "ca.pem"

    def client(self, user: str, mechanism: str = "SCRAM-SHA-512") -> dict[str, Any]:
        """Arguments with which an aiokafka client connects to the secured listener as this user."""
        if self._security is None:
            raise ValueError("this cluster has no users")
        return {
            "bootstrap_servers": self.bootstrap_servers,
            **self._security.client(self.ca_file, user, mechanism),
        }

    def add_access(self, entries: Sequence[AccessEntry]) -> None:
        """Add access control entries, as `access.allow` makes them."""
        add_access(self._inner_port(1), entries)

    def log(self, node: int) -> Path:
        """What this node printed."""
        return self._nodes[node].log

    def alive(self, node: int) -> bool:
        """Whether this node's process runs."""
        return self._nodes[node].pid is not None

    def pid(self, node: int) -> int | None:
        """This node's process, if it runs."""
        return self._nodes[node].pid

    def start(self, node: int) -> None:
        """Start a node that was stopped or killed, on its data and its ports, and wait until it serves."""
        self._launch([node])

    def stop(self, node: int) -> None:
        """Stop a node in an orderly way, also a paused one."""
        self._stop([node])

    def kill(self, node: int) -> None:
        """End a node at once, by SIGKILL."""
        self._nodes[node].send(signal.SIGKILL)
        self._nodes[node].wait_stopped(_TO_STOP)

    def pause(self, node: int) -> None:
        """Freeze a node, by SIGSTOP."""
        self._nodes[node].send(signal.SIGSTOP)

    def resume(self, node: int) -> None:
        """Let a frozen node go on."""
        self._nodes[node].send(signal.SIGCONT)

    def open(self) -> None:
        """Fetch what is missing, start all nodes and wait until they serve."""
        runtime = Runtime.ready(self._heap, self._progress)
        self._layout = Layout.of(self._folder, self._size)
        self._nodes = prepare(self._folder, self._layout, self._settings, self._security, runtime)
        self._guard = Guard()
        try:
            self._launch(self._nodes)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop all nodes."""
        if self._guard is not None:
            try:
                self._stop(self._nodes)
            finally:
                self._guard.close()
                self._guard = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _launch(self, nodes: Collection[int]) -> None:
        if self._guard is None:
            raise ValueError("the cluster is closed")
        deadline = time.monotonic() + _TO_START
        wanted = set(nodes)
        for node in wanted:
            self._nodes[node].start(self._guard.group)
        for node in wanted:
            port = self._inner_port(node)
            self._nodes[node].wait_until(partial(_serves, port, wanted), deadline)
        if len(wanted) == self._size:
            port = self._inner_port(1)
            self._nodes[1].wait_until(lambda: coordinates_groups(port), deadline)

    def _stop(self, nodes: Collection[int]) -> None:
        chosen = {node: self._nodes[node] for node in nodes}
        for node in chosen.values():
            node.send(signal.SIGCONT)
            node.send(signal.SIGTERM)
        deadline = time.monotonic() + _TO_STOP
        alone = self._size > 1 and len(chosen) == self._size
        while alone and sum(node.pid is not None for node in chosen.values()) > 1:
            if time.monotonic() > deadline:
                break
            time.sleep(_PAUSE)
        for node in chosen.values():
            node.wait_stopped(_ALONE if alone else _TO_STOP)

    def _inner_port(self, node: int) -> int:
        return self._layout.ports[node]["INNER"]
