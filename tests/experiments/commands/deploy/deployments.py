"""Arguments and environments for the tests of deploy."""

WHERE = ("project=zahlen-1", "region=europe-west4")
BUCKET = "bucket=gs://zahlen"
LOCATION = "projects/zahlen-1/locations/europe-west4"
ENDPOINT = f"{LOCATION}/endpoints/zahlwort-parity"
MODEL = f"{LOCATION}/models/zahlwort-parity"
NO_ACCOUNT = {"NO_GCE_CHECK": "true", "GOOGLE_APPLICATION_CREDENTIALS": "", "CLOUDSDK_CONFIG": "/nonexistent"}
