"""What happens between two training steps: measures, validation and checkpoints."""
