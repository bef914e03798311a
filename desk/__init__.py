"""The web page: the morning, partners, drafts; for one person on loopback, or for a team behind its proxy."""
