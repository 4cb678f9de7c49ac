"""The only writers of the record: modules are nouns, functions are verbs, each is one transaction with its event."""
