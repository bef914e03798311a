"""A proof, made while a text is parsed, that no letter was lost and none decoded twice."""

import polars as pl

from schemas.letters import may_be_decoded_twice, may_have_lost


class Letters:
    """The proof so far. Threads can share it, because it is only ever withdrawn."""

    def __init__(self) -> None:
        self.all_there = True
        self.decoded_once = True

    def check(self, octets: pl.Series) -> None:
        """Examine the bytes of a piece."""
        if self.all_there and may_have_lost(octets):
            self.all_there = False
        if self.decoded_once and may_be_decoded_twice(octets):
            self.decoded_once = False

    def skip(self) -> None:
        """A piece was not examined, so nothing is proved."""
        self.all_there = self.decoded_once = False
