"""Replays: a finite range of claim lines through a policy, beside the live worker and without a trace there.

`records_of_claim` and `lines_of_claim` look a claim up in what a replay read, in files, or on the live topic;
`kept_policy` gives a policy as a result folder keeps it.
"""

from streams.replay.job import kept_policy
from streams.replay.lookup import lines_of_claim, records_of_claim

__all__ = ["kept_policy", "lines_of_claim", "records_of_claim"]
