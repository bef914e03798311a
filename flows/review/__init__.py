"""What changed against the approved reports, and what reviewers decided about it."""
