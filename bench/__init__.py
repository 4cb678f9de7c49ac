"""Measurements of the annotator's pages at two sizes of the record; see bench/README.md."""
