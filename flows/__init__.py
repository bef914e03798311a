"""The conductor: the sentence, and the ways to start it."""

import os

# Prefect reports its first use at a terminal to its makers as it is imported; whoever imports it here was here first
os.environ.setdefault("DO_NOT_TRACK", "1")
