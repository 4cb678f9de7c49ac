"""Reward models: trained on exported batches, measured on their held-out rows, used to score responses.

`training` and `scoring` load torch and run in a process of their own; everything else here is light.
"""
