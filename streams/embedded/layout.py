"""The layout of a cluster: its identifier, its ports and the settings that follow from them."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from streams.embedded.extras import EmbeddedKafkaError
from streams.embedded.ports import HOST, free_ports

LISTENERS: Final = ("CLIENT", "INNER", "CONTROLLER")
"""For clients; between brokers and for set-up; for the quorum. The last two are plaintext."""


def identifier() -> str:
    """A random identifier as Kafka writes them: 16 bytes in URL-safe base64, not beginning with a dash."""
    while (made := base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")).startswith("-"):
        pass
    return made


@dataclass(frozen=True, slots=True)
class Layout:
    """What does not change over the life of a cluster; kept in its folder."""

    cluster: str
    """Identifier of the cluster."""
    ports: Mapping[int, Mapping[str, int]]
    """Of each node, from 1: the port of each listener."""

    @classmethod
    def of(cls, folder: Path, nodes: int) -> Self:
        """Read the layout of a folder; of a new one, make it.

        Raises:
            EmbeddedKafkaError: the folder holds a cluster of another size.
        """
        file = folder / "cluster.json"
        if not file.is_file():
            ports = iter(free_ports(nodes * len(LISTENERS)))
            made = {n: {name: next(ports) for name in LISTENERS} for n in range(1, nodes + 1)}
            folder.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps({"cluster": identifier(), "ports": made}), encoding="utf-8")
        kept = json.loads(file.read_text(encoding="utf-8"))
        if len(kept["ports"]) != nodes:
            raise EmbeddedKafkaError(f"{folder} holds a cluster of {len(kept['ports'])} nodes, not {nodes}")
        return cls(kept["cluster"], {int(node): ports for node, ports in kept["ports"].items()})

    def servers(self, listener: str) -> str:
        """Addresses of all nodes, separated by commas."""
        return ",".join(f"{HOST}:{ports[listener]}" for ports in self.ports.values())

    def properties(self, node: int, data: Path) -> dict[str, str]:
        """Settings of a node that come from the layout."""
        addresses = {name: f"{name}://{HOST}:{port}" for name, port in self.ports[node].items()}
        voters = [f"{each}@{HOST}:{ports['CONTROLLER']}" for each, ports in self.ports.items()]
        return {
            "process.roles": "broker,controller",
            "node.id": str(node),
            "log.dirs": str(data),
            "controller.quorum.voters": ",".join(voters),
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "INNER",
            "listeners": ",".join(addresses.values()),
            "advertised.listeners": ",".join(addresses[name] for name in ("CLIENT", "INNER")),
        }
