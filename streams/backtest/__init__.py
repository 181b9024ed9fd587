"""Backtests: two policies over one reading of the same claim lines, or a policy against what is published."""
