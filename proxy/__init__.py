"""The door: the exposed side. Holds no secret and no database; asks, judges by the policy, carries, ends."""
