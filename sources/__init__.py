"""Outside -> the raw frame: downloads and Impartner. Every cell text, nothing renamed."""
