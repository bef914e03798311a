"""What is proved of the letters of a text while its pieces are parsed: none is lost, none was decoded twice."""

import polars as pl

from schemas.letters import may_be_decoded_twice, may_have_lost


class Letters:
    """The proof so far. Pieces may be examined in several threads: a proof is only ever taken back."""

    def __init__(self) -> None:
        self.all_there = True
        self.decoded_once = True

    def check(self, octets: pl.Series) -> None:
        """Look at the bytes of a piece."""
        if self.all_there and may_have_lost(octets):
            self.all_there = False
        if self.decoded_once and may_be_decoded_twice(octets):
            self.decoded_once = False

    def skip(self) -> None:
        """A piece is not examined, so nothing is proved."""
        self.all_there = self.decoded_once = False
