"""The live worker on a real Kafka beside other ways to run the same engine, and what else a user feels.

`python -m benchmarks.live` runs all; `--help` lists what may be shortened or left out. Every contender is
a process of its own on a topic that is full before it starts, under an app id of its own; they take turns.
What each publishes must be, byte for byte, what a plain run of the engine gives.
"""
