"""First transform: pick the account columns and the fifteen fields, in the fixed order, from a source's frame."""

import polars as pl

from schemas.columns import ACCOUNT_ID, ACCOUNT_NAME, FIELDS, ROW, USER_ID
from schemas.headings import match


def select(export: pl.DataFrame, user_ids: pl.Series | None = None) -> pl.DataFrame:
    """`row`, Account ID, Account Name and the fifteen fields, as text, under Impartner's names and in report order.

    export: `row`, and columns under the headings of its source, including all those of the table
    (`schemas.headings.faults` made sure). A missing account column becomes null. user_ids: of a pull's users, one for
    each row, for a column `user_id`.
    """
    headings = export.columns
    at = {field: headings[position] for field, position in match(headings).items()}
    account = [
        (pl.col(at[name]) if name in at else pl.lit(None, pl.String)).alias(name) for name in (ACCOUNT_ID, ACCOUNT_NAME)
    ]
    selected = export.select(ROW, *account, *(pl.col(at[field]).alias(field) for field in FIELDS))
    return selected if user_ids is None else selected.with_columns(user_ids.alias(USER_ID))
