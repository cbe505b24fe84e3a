"""The user's own crosswalk of codes, such as NDC to RxNorm. The newest one replaces the ones before it."""

from openaco.feeds.crosswalk.load import load

__all__ = ["load"]
