"""What git tells of a run loses its credentials, and still applies."""

import subprocess

import pytest

from experiments.recording.redact import redact_difference, redact_remote, report_credentials, without_credentials
from tests.experiments.recording.conftest import git


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


SCRIPT = """\
export MONGO_URL=mongodb://lab:Geheim42@db.example/runs
TOKEN=abcdefgh; echo done
++ not the head of a file
"""
KEY = """\
-----BEGIN RSA PRIVATE KEY-----
MIIEpAIBAAKCAQEA
c2VjcmV0
-----END RSA PRIVATE KEY-----
echo after
"""


@pytest.fixture
def difference(project):
    """Return the difference of the project to its commit, with all untracked files."""

    def read():
        git(project, "add", "--intent-to-add", ".")
        return git(project, "diff", "HEAD", "--binary")

    return read


def test_a_new_file_loses_its_credentials_and_the_difference_applies(project, difference):
    (project / "run.sh").write_text(SCRIPT)
    redacted, replaced, kept = redact_difference(difference())

    assert (replaced, kept) == (2, 0)
    assert "Geheim42" not in redacted
    assert "abcdefgh" not in redacted
    assert applied(project, redacted, "run.sh") == SCRIPT.replace("Geheim42", "***").replace("abcdefgh", "***")


def test_a_private_key_keeps_its_lines_but_not_their_content(project, difference):
    (project / "run.sh").write_text(KEY)
    redacted, replaced, kept = redact_difference(difference())

    assert (replaced, kept) == (1, 0)
    assert applied(project, redacted, "run.sh").splitlines() == [
        "-----BEGIN RSA PRIVATE KEY-----",
        "***",
        "***",
        "-----END RSA PRIVATE KEY-----",
        "echo after",
    ]


def test_lines_of_the_commit_stay_as_they_are(project, difference, capsys):
    (project / "run.sh").write_text("PASSWORD=OldSecret\nTOKEN=Committed\n")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "A secret")
    (project / "run.sh").write_text("PASSWORD=NewSecret\nTOKEN=Committed\n")
    redacted = without_credentials(difference())

    assert "NewSecret" not in redacted
    assert applied(project, redacted, "run.sh") == "PASSWORD=***\nTOKEN=Committed\n"
    assert capsys.readouterr().err == (
        "git.diff: 1 value looks like a password or a key, and is replaced by ***;"
        " 2 more stand in lines of the commit and stay\n"
    )


def test_credentials_in_lines_of_the_commit_are_counted_where_none_is_replaced(project, difference, capsys):
    (project / "run.sh").write_text("PASSWORD=OldSecret\n" + KEY)
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "A secret")
    (project / "run.sh").unlink()
    without_credentials(difference())

    assert capsys.readouterr().err == (
        "git.diff: 2 values that look like passwords or keys stand in lines of the commit and stay\n"
    )


def test_a_difference_without_credentials_stays_as_it_is(project, difference, capsys):
    (project / "old.py").write_text("token = next(tokens)\n")
    (project / "new.sh").write_bytes(b"echo \xff\r\necho without a newline")
    (project / "notes.txt").write_bytes(b"\0PASSWORD=binary")
    text = difference_as_bytes(project, difference)

    assert without_credentials(text) == text
    assert capsys.readouterr().err == ""


def test_a_source_with_a_credential_is_named(project, capsys):
    (project / "new.py").write_text("x = 1\npassword = 'geheim'\n")
    (project / "binary.py").write_bytes(b"\xff")
    report_credentials([str(project / name) for name in ("old.py", "new.py", "binary.py", "missing.py")])

    assert capsys.readouterr().err == (
        f"{project}/new.py, line 2, looks as if it holds a password: the run records its sources whole\n"
    )


def difference_as_bytes(project, difference):
    git(project, "add", "--intent-to-add", ".")
    command = ["git", "diff", "HEAD", "--binary"]
    return subprocess.run(command, cwd=project, check=True, capture_output=True).stdout.decode(
        "utf-8", "surrogateescape"
    )


def applied(project, text, name):
    """Apply a difference to the commit, and return a file."""
    git(project, "reset", "--quiet", "--hard")
    (project / "git.diff").write_text(text, encoding="utf-8", errors="surrogateescape")
    git(project, "apply", "git.diff")
    return (project / name).read_text()
