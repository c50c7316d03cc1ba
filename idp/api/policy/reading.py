"""What the policy's endpoints read in common."""

LONGEST = 1024 * 1024
"""Bytes of a policy's text."""
