"""Reviews: what changed against the ready reports, decisions about it, releases."""
