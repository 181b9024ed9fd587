"""Replays: a finite range of claim lines through a policy, beside the live worker, without a trace there."""
