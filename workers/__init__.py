"""Machines: workers turn a prompt into responses, each sampled from its own variant at its own temperature."""
