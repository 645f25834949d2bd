"""From a network to trained weights: the model_fn, the optimizer, hooks, checkpoints and the Estimator."""
