"""The experiments: parity and number are one laboratory with different defaults."""
