"""A made-up ACO: whole, coherent, with every odd case, and with the truth beside the files.

Nothing here imports rules or programs; the truth is computed by another path, so that it can disagree with them.
"""

from openaco.synthetic.generate import Summary, generate

__all__ = ["Summary", "generate"]
