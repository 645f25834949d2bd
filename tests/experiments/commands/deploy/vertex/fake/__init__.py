"""A fake of Vertex AI on this machine, for the tests of deploy."""
