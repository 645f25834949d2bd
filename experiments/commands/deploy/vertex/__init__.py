"""Google's Vertex AI: a bucket, a registry of models and an endpoint that serves one of them."""
