"""The conductor: the sentence, and the ways to start it."""
