"""Endpoints of the policy, one module per family of calls, each with ``endpoints(acts)``."""

from collections.abc import Sequence

from idp.admin.acts import Acts
from idp.api.endpoint import Endpoint
from idp.api.policy import (
    checking,
    explaining,
    meaning,
    proposals,
    publishing,
    replay,
    revisions,
    templates,
    testing,
    trial,
)

FAMILIES = (revisions, checking, explaining, meaning, publishing, proposals, testing, templates, replay, trial)


def endpoints(acts: Acts) -> Sequence[Endpoint]:
    """Return the rows of every family."""
    return [row for family in FAMILIES for row in family.endpoints(acts)]
