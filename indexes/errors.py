"""What can be wrong with an index on disk or with a question put to it."""

from enmusubi.messages import MessageError


class IndexFault(MessageError):
    """Root of the indexes' errors; the matcher turns each into an error that names the remedy."""


class NoVersionFault(IndexFault):
    """No index version was ever published."""


class DamagedVersionFault(IndexFault):
    """A published version lacks files, or holds other files than its manifest names."""


class DimensionFault(IndexFault):
    """Query vectors and index vectors have different lengths."""
