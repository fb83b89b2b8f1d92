"""dossier: a private, terminal-first dossier of the clients who carry the business."""

__version__ = "0.1.0"
