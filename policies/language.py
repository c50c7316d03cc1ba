"""The document language: text in, a policy or every problem out."""

from policies.model import Known, Policy, Report


def load(text: str | bytes, revision: int = 0, source: str = "policy") -> Policy:
    """Read and compile a document.

    Raises:
        Invalid: the document is refused; carries every problem with its place, in the order of the text.
    """
    raise NotImplementedError


def check(text: str | bytes, known: Known | None = None, source: str = "policy") -> Report:
    """Return every problem that would refuse this document, and warnings about what it says."""
    raise NotImplementedError
