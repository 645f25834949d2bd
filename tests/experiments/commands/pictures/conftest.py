"""What tests of pictures share."""

import pytest


@pytest.fixture
def warned(recwarn):
    """What has been warned of so far, but for the files and sockets that the garbage of earlier tests leaves open."""
    return lambda: [warning.message for warning in recwarn if warning.category is not ResourceWarning]
