"""Reports as bytes: encoding, writing, reading back, workbooks."""
