"""OpenACO: the open-source software an Accountable Care Organization runs on."""

__version__ = "0.1.0"
