"""The container that serves a SavedModel: it loads the model from the bucket and answers like TensorFlow Serving."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import google.cloud.storage as storage
import tensorflow as tf

from tests.experiments.commands.deploy.vertex.fake.rest import require


class Container:
    """Answers requests in the row format of TensorFlow Serving."""

    def __init__(self, uri: str) -> None:
        """Load the SavedModel at a URI of the bucket."""
        bucket, _, prefix = uri.removeprefix("gs://").partition("/")
        with tempfile.TemporaryDirectory() as temporary:
            for blob in storage.Client("of-the-container").list_blobs(bucket, prefix=f"{prefix}/"):
                path = Path(temporary) / blob.name.removeprefix(f"{prefix}/")
                path.parent.mkdir(parents=True, exist_ok=True)
                blob.download_to_filename(str(path))
            require((Path(temporary) / "saved_model.pb").is_file(), f"{uri} holds no saved_model.pb")
            self._model = tf.saved_model.load(temporary)

    def predict(self, instances: Sequence[Any]) -> list[dict[str, Any]]:
        words = [row["words"] if isinstance(row, dict) else row for row in instances]
        answers = self._model.signatures["serving_default"](words=tf.constant(words))
        columns = {name: values.numpy().tolist() for name, values in answers.items()}
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
