"""The names of what can write the reports of a run. Imports no Prefect: the command checks the names when it starts."""

THREADS = "threads"  # of the run's own process
PATTERN = r"threads|dask(=.+)?"  # dask: a cluster for the duration of the run. dask=ADDRESS: a running scheduler
