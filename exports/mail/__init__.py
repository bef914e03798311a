"""Mails to partners: their texts, the message as bytes, and the mailbox for drafts. Nothing is ever sent."""
