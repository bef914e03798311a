"""Workbooks, read in a process of their own."""

from sources.workbook.read import looks_like_one, read

__all__ = ["looks_like_one", "read"]
