import pytest

from experiments.recording.redact import redact, redact_remote


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("--mongo_db=mongodb://name:secret@host:27017/runs", "--mongo_db=mongodb://host:27017/runs"),
        ("mongodb://name:se:cr@et/@host/runs", "mongodb://host/runs"),
        ("see https://secret@host/a and ftp://b:secret@c", "see https://host/a and ftp://c"),
        ("localhost:27017:runs", "localhost:27017:runs"),
        ("words=elf@home", "words=elf@home"),
        ("https://host/a", "https://host/a"),
    ],
)
def test_the_urls_of_a_text_lose_names_and_passwords(text, redacted):
    assert redact(text) == redacted


@pytest.mark.parametrize(
    ("url", "redacted"),
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
def test_the_url_of_a_remote_loses_name_and_password(url, redacted):
    assert redact_remote(url) == redacted
