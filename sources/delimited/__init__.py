"""Text files (CSV and its relatives), from bytes to rows."""
