"""The command mistakes: which words the network of a run gets wrong, and what they have in common."""
