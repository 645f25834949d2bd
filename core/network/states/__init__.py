"""The states of the LSTM along the words of a batch: trie, windows, LSTM."""
