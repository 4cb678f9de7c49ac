"""Signals of quality: what is unusual in how a person works. They propose; a manager decides (annotation/concerns.py).

`rows` reads a campaign's work from PostgreSQL, `measures` turns it into signals without knowing the database,
`words` says what they mean, `behind` finds the judgments that a signal rests on.
"""
