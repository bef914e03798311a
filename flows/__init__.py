"""The pipeline, the jobs that run it, and the flows that Prefect deploys."""

import os

# On import at a terminal, Prefect reports its first use to its makers. Whatever imports it here imports this first
os.environ.setdefault("DO_NOT_TRACK", "1")
