"""What is decided: the policy as data, one module per rule, and the engine without I/O."""

from policy.engine import PolicyEngine
from policy.load import load_policy

__all__ = ["PolicyEngine", "load_policy"]
