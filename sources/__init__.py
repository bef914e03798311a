"""From outside to the raw frame: downloads and Impartner. Cells stay unchanged; nothing is renamed."""
