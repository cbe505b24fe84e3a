"""Who takes part, and the public figures a benchmark needs, as OpenACO's own CSV files and CMS's county files.

The folder is one delivery; the newest one replaces the ones before it, table by table. See docs/reference/roster.md.
"""

from openaco.feeds.roster.load import load

__all__ = ["load"]
