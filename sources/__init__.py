"""Outside -> the raw frame: downloads and Impartner. Cells unchanged, nothing renamed."""
