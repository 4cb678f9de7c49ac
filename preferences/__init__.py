"""The record: prompts, responses, comparisons, judgments, batches, and the statistics over them.

No HTTP, no queue, no torch: whatever speaks to people or machines lies outside and calls the actions in here.
"""
