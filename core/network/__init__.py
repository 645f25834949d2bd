"""From character ids to answers: the trie, the LSTM, the heads and what each task asks."""
