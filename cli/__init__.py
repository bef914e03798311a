"""The command line: parses options and prints results. The work is done in `flows`."""
