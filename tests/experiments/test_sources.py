import pytest

from experiments.sources import without_userinfo


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://name:secret@example.org/a/b.git", "https://example.org/a/b.git"),
        ("https://secret@example.org/a@b.git", "https://example.org/a@b.git"),
        ("ssh://git@example.org:22/a.git", "ssh://example.org:22/a.git"),
        ("oauth2:secret@example.org:a/b.git", "example.org:a/b.git"),
        ("git@example.org:a.git", "example.org:a.git"),
        ("https://example.org/a.git", "https://example.org/a.git"),
        ("../elsewhere", "../elsewhere"),
    ],
)
def test_the_url_of_a_remote_is_kept_without_name_and_password(url, kept):
    assert without_userinfo(url) == kept
