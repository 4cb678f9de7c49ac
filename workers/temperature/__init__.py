"""Tuned temperatures: at which a variant's best answers are best, by the current reward model.

Nothing is imported here: what samples and scores loads torch, in a process of its own.
"""
