"""Reports as bytes: encoded, written, read back."""
