"""From numbers to batches: the draw, the number words, the splits, character ids and input functions."""
