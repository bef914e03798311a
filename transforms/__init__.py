"""Pure shaping: frame in, frame out. No file, no clock, no environment."""
