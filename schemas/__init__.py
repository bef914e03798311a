"""What is true of the data: the table, headings, checks, faults. Imports nothing of ours."""
