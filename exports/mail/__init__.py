"""Mails to partners: their texts, the message as bytes, and the mailbox that they are put into. None is ever sent."""
