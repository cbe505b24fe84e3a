"""Research identifiable files (RIF) as Synthea's exporter writes them: people, months of enrollment, final claims.

This is also how OpenACO's synthetic ACO delivers enrollment: a folder with beneficiary files only.
"""

from openaco.feeds.rif.load import load

__all__ = ["load"]
