"""What runs in the environment of a tracker; it imports the standard library and one peer."""
