"""Where runs are recorded: a directory always, MongoDB beside it when asked for. Nothing here knows TensorFlow."""
