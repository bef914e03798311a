"""Workbooks, read in a separate process."""

from sources.workbook.magic import looks_like_workbook
from sources.workbook.read import read

__all__ = ["looks_like_workbook", "read"]
