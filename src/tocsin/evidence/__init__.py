"""Evidence: identity and lineage. Every arrow of the watch can be walked backwards from here."""

from tocsin.evidence.ids import canonical, content_id, sha256

__all__ = ["canonical", "content_id", "sha256"]
