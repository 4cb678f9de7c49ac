"""People: who may judge what, and when."""
