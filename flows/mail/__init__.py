"""From ready/ to the right person: contacts, recipients, drafts, what was sent. Imports no polars: a person waits."""
