"""Everything that knows Prefect: how a flow run starts, what it records, how it ends."""
