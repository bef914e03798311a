"""What leaves: reports, run folders, ready/, the ledger, the review page."""
