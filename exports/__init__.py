"""Data out: sealed batches as versioned files."""
