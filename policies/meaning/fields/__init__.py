"""The facts that conditions look at, one class for each: what of them policies tell apart, when a condition is held,
and what to put into concrete facts. ``table`` names the class of every key of the language."""
