"""What runs: the labels of `dripline_build_info`, in the order of its declaration."""

from __future__ import annotations

import platform
from importlib.metadata import version

from policy.document import Policy


def build_labels(policy: Policy) -> tuple[str, ...]:
    """Versions of the product, the policy in force last, Faust, aiokafka and Python."""
    return (
        version("dripline"),
        policy.policy_id,
        policy.versions[-1].version,
        policy.fingerprint[:12],
        version("faust-streaming"),
        version("aiokafka"),
        platform.python_version(),
    )
