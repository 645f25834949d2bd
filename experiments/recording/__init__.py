"""What is recorded of a training, where, and how an interrupted one is resumed."""
