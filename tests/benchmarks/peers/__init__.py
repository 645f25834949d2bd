"""The same training, written with other libraries as their users write it.

Each module trains a character LSTM on the parity of the same German number words, with the same sizes, batch, clipped
AdamW (Adam where there is none) and single precision, and prints what it took in as one line of JSON:

    python -m tests.benchmarks.peers.keras_fit '{"hidden": 64, "batch": 64, "max_number": 999, "threads": 1}'

Those named `whole_...` do all of a default run, and tell its phases: `tests.benchmarks.whole_run` starts them.
"""
