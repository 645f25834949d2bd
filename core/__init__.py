"""Number words in, answers out: the data, the network, its training and its use, without a word on recording.

The rooms stand in the way of the data, and each imports only from those before it:

    data/       a seed and a range -> splits of numbers and their words -> character ids -> input_fn
    network/    character ids -> trie -> states of the LSTM -> the head's outputs for a task
    training/   outputs -> model_fn -> Estimator; measures -> log_scalar(name, value, step); checkpoints
    serving/    a trained network -> predictions, explanations, a SavedModel that reads raw words

The axes of tensors have the same names everywhere:

    examples    all examples of a split
    batch       examples of one step
    time        characters of a word, padded to the longest word of the batch
    nodes       distinct beginnings of the words of a batch, in the order of reading; with a memory, distinct windows
    embedding   features of a character
    hidden      units of the LSTM
    classes     answers that a head chooses from
    places      decimal places of a number, units first
    groups      groups of three places: 1, 1000, 10^6, ...
"""
