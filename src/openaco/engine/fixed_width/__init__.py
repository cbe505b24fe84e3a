"""Reads fixed-width lines into Parquet at the speed of memory: whole columns at once, several blocks in parallel.

A `Record` says which positions make which column. Lines that do not fit it are handed back as `BadLine`s with the name
of the field that is wrong, and everything else is stored. Memory is bounded by a few blocks, whatever the file's size.
"""

from openaco.engine.fixed_width.file import FixedWidthFile, Stored
from openaco.engine.fixed_width.record import BadLine, FixedColumn, Piece, Record

__all__ = ["BadLine", "FixedColumn", "FixedWidthFile", "Piece", "Record", "Stored"]
