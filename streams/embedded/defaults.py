"""Settings of every node, before those that the caller gives."""

from __future__ import annotations


def defaults(nodes: int, *, secure: bool) -> dict[str, str]:
    """Topics are made on purpose, groups form at once, and three nodes lose nothing when one is killed."""
    replicas, in_sync, unheard = (3, 2, 6000) if nodes >= 3 else (1, 1, 2000)  # noqa: PLR2004
    entries: dict[str, object] = {
        "auto.create.topics.enable": "false",
        "num.partitions": 4,
        "default.replication.factor": replicas,
        "min.insync.replicas": in_sync,
        "offsets.topic.num.partitions": 4,
        "offsets.topic.replication.factor": replicas,
        "transaction.state.log.num.partitions": 4,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": replicas,
        "share.coordinator.state.topic.min.isr": in_sync,
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 1000,
        "broker.heartbeat.interval.ms": 250,
        "broker.session.timeout.ms": unheard,  # a killed broker is not registered again before
        "log.cleaner.backoff.ms": 1000,
        "log.cleaner.dedupe.buffer.size": 8 << 20,
        "num.network.threads": 2,
        "num.io.threads": 4,
        "num.recovery.threads.per.data.dir": 1,
        "listener.security.protocol.map": (
            f"CLIENT:{'SASL_SSL' if secure else 'PLAINTEXT'},INNER:PLAINTEXT,CONTROLLER:PLAINTEXT"
        ),
    }
    return {name: str(value) for name, value in entries.items()}
