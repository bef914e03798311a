"""The home folder: where runs, ready reports and the ledger are, and how they are written."""
