"""Laws of the ports that an embedded Kafka takes."""

from __future__ import annotations

import socket

import pytest

from streams.embedded.ports import HOST, free_ports, is_free


def test_ports_are_free_and_different() -> None:
    """Ports are different, free, and below those of outgoing connections."""
    ports = free_ports(9)
    assert len(set(ports)) == 9
    assert all(is_free(port) and 20_000 <= port < 32_000 for port in ports)


def test_a_port_in_use_is_not_free() -> None:
    """A port on which somebody listens is not offered."""
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)


def test_processes_look_in_different_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that start one after the other find different ports."""
    found: list[int] = []
    for process in range(3_000, 3_040):
        monkeypatch.setattr("streams.embedded.ports.os.getpid", lambda process=process: process)
        found += free_ports(9)
    assert len(set(found)) == 360
