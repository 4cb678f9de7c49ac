"""How much of an evaluation set stands in training data (Llama 2, section A.6)."""
