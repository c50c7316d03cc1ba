"""What can be said about a policy without deciding: warnings (lint), names that lead nowhere (names). Room for diff
and proof."""
