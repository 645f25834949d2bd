"""What a trained network answers: predictions, explanations and the exported SavedModel."""
