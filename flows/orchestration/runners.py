"""What can write the reports of a run, by name. Imports no Prefect: the command checks these names at its start."""

THREADS = "threads"  # of the run's own process
PATTERN = r"threads|dask(=.+)?"  # dask: a cluster for the time of the run. dask=ADDRESS: the one there
