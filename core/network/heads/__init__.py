"""The heads: from the states of the LSTM to answers, and what they learn from."""
