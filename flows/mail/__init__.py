"""From ready/ to the right person: contacts, recipients, drafts, sent mails. What a draft needs imports no polars."""
