"""The pictures of the command explain."""
