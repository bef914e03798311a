"""The web page: the review with its decisions, served on loopback."""
