"""The broker and the topics of tests/kafka, for faults that need no broker of their own."""

from tests.kafka.conftest import kafka, live, topic_prefix

__all__ = ["kafka", "live", "topic_prefix"]
