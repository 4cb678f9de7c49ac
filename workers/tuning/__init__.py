"""From rewards to the next model: sets for supervised fine-tuning, made by sampling, and the fine-tuning itself."""
