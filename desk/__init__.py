"""The web app: Morning, Partners, drafts. It serves one person on loopback, or a team behind its proxy."""
