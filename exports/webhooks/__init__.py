"""Webhooks: a campaign's batches and exports are told to addresses that its managers name, signed and until it worked.

The events of the record are the outbox: an action writes them in its own transaction. `outbox` turns those that are
told outside into messages and deliveries, `delivering` sends what is due.
"""
