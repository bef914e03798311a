"""Workbooks, read in a process of their own."""

from sources.workbook.magic import looks_like_workbook
from sources.workbook.read import read

__all__ = ["looks_like_workbook", "read"]
