"""Outside -> the raw frame: downloads and Impartner. Cells as they stand there, nothing renamed."""
