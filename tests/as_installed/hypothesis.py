"""Stands before Hypothesis on the path of the processes that tests start, as if it were not installed.

pandera imports Hypothesis wherever it is, for a quarter of a second. In no installation it is: only tests need it.
"""

raise ModuleNotFoundError("No module named 'hypothesis'", name="hypothesis")
