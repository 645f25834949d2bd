"""The same training, written with other libraries as their users write it.

Each module trains an LSTM on characters to tell the parity of the same German number words, with the same sizes,
batches, clipped AdamW (Adam where there is none) and single precision. It prints its figures as one line of JSON:

    python -m tests.benchmarks.peers.keras_fit \
        '{"hidden": 64, "batch": 64, "max_number": 999, "data_size": 1000, "threads": 1, "seconds": 5}'

`tests.benchmarks.throughput` starts these modules. Those with the name `whole_...` do everything that a default run
does, and `tests.benchmarks.whole_run` starts them. `ours` is the training of this project.
"""
