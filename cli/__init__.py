"""The command: words in, words out. What it calls is in `flows`."""
