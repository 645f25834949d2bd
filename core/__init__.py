"""Number words in, answers out: the data, the network and its training, without a thought of how they are recorded.

The modules stand in the way of the data, and each imports only from those before it:

    draw, numerals, examples     a seed and a range -> splits of numbers and their words
    batches, characters, inputs  words -> character ids -> input_fn, a batch for each step
    encoder, tasks               character ids -> state of the LSTM -> what is asked of the number
    optimizer, model             -> model_fn -> EstimatorSpec of each mode
    selection, hooks, estimator  -> training, evaluation, prediction; measures -> log_scalar(name, value, step)
    explain, export              -> what it holds within a word; a SavedModel that reads raw words

The axes of tensors have the same names everywhere:

    examples    all examples of a split
    batch       examples of one step
    time        characters of a word, padded to the longest word of the batch
    embedding   features of a character
    hidden      units of the LSTM
    classes     answers that a head chooses from
"""
