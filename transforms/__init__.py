"""Pure functions from frame to frame: no files, no clock, no environment."""
