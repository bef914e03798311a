"""What is true of the data: the table, headings, stages, faults, shared shapes. Imports no other package of ours."""
