"""`make round`: one turn of the whole loop in small, from a sealed batch to the verdict on the next variant."""
