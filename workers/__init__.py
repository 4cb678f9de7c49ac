"""Machines: workers turn a prompt into responses, each sampled from its own variant at its own temperature."""

import os

# Models and tokenizers are files of this machine. Hugging Face's libraries read this as they are imported, which only
# modules of this package do: whoever imports one of them, in whichever process, asks nobody and tells nobody.
os.environ["HF_HUB_OFFLINE"] = os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
