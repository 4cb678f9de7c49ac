"""Populations like those of the paper's studies, whose true rates are known exactly, and samples of them. No database.

True is not what the raters would say who never err: a median or a majority of raters who do err is another rate, and
that one is what a report estimates. It is computed here from the chances of every combination of ratings.
"""
