"""Says in a sentence why the operating system or MongoDB has refused something, and what to do."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pymongo.errors import ConfigurationError, ConnectionFailure, InvalidName, OperationFailure

from observers.redaction import redact

UNAUTHORIZED, AUTHENTICATION_FAILED, INVALID_NAMESPACE, OTHER_CAPITALS = 13, 18, 73, 13297
"""What the server says: no right, wrong user or password; it takes no database of this name."""
_ATLAS_ERROR = 8000

_ADVICE: Mapping[int, str] = {
    errno.EACCES: "ask its owner for the right (ls -ld shows owner and mode), or name another place",
    errno.EPERM: "ask its owner for the right (ls -ld shows owner and mode), or name another place",
    errno.ENOENT: "correct the path",
    errno.ENOTDIR: "a directory has to be there: correct the path, or move the file away",
    errno.EEXIST: "nothing is overwritten: choose another name",
    errno.EISDIR: "a file has to be there: correct the path, or move the directory away",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ELOOP: "its links lead in a circle: remove one of them",
    errno.EROFS: "mount it writable, or name another place",
    errno.EFBIG: "allow larger files with ulimit -f unlimited, or name another place",
    errno.EMFILE: "allow this process more files with ulimit -n 4096",
    errno.ENFILE: "end programs that hold many files open, or raise fs.file-max",
    errno.ENOSPC: "make room on its disk",
    errno.EDQUOT: "make room, or ask for a larger quota",
    errno.EIO: "check the disk",
    errno.ESTALE: "mount its file system again",
    errno.ENOMEM: "end other programs, or start fewer jobs",
    errno.EAGAIN: "end other programs, start fewer jobs, or allow more processes with ulimit -u",
    errno.EBUSY: "end what uses it, or unmount it if it is a mount point",
}

_CONNECTION = (  # what pymongo's message has in it, and the sentence
    ("ip address mismatch", "its certificate is for another host: use the host name that the certificate names"),
    ("hostname mismatch", "its certificate is for another host: use the host name that the certificate names"),
    ("certificate has expired", "its certificate has expired: it needs a new one"),
    ("certificate_verify_failed", "its certificate is of an unknown authority: name that with tlsCAFile=FILE"),
    ("certificate required", "it asks for a certificate: name it with tlsCertificateKeyFile=FILE"),
    ("wrong_version_number", "it does not speak TLS: remove tls=true from the address"),
    (
        "unexpected_eof",
        "it does not speak TLS, or refuses the certificate: remove tls=true, or correct the TLS options",
    ),
    ("ssl handshake failed", "TLS fails: remove tls=true if it speaks none, or correct the TLS options"),
    ("name or service not known", "no such host: correct its name in the address"),
    ("no address associated", "no such host: correct its name in the address"),
    ("name resolution", "the name of the host cannot be resolved: correct it, or check the network"),
    ("dns query name does not exist", "no such host: correct its name in the address"),
    ("connection refused", "connection refused: start the server, or correct host and port"),
    ("unreachable", "no way to the host: check the network"),
    ("no route to host", "no way to the host: check the network"),
    ("configured to connect to a replica set", "replicaSet names another set: correct it in the address"),
    ("no primary", "no primary server: wait for an election, or correct replicaSet and the hosts"),
    ("not primary", "no primary server: wait for an election, or correct replicaSet and the hosts"),
    ("no replica set members", "no primary server: wait for an election, or correct replicaSet and the hosts"),
    ("connection closed", "it closes the connection: if it needs TLS, add tls=true to the address"),
    ("connection reset", "it closes the connection: if it needs TLS, add tls=true to the address"),
    ("no such file", "no such socket: correct its path in the address"),
    ("permission denied", "no right to connect: check the socket in the address"),
    ("timed out", "no answer in time: check that the server runs, host, port and firewall"),
    ("timeout", "no answer in time: check that the server runs, host, port and firewall"),
)

_REFUSALS: Mapping[int, str] = {
    INVALID_NAMESPACE: "the server takes no database of this name: choose a shorter or plainer one",
    123: "the server is no replica set, which readConcernLevel=snapshot needs: remove that from the address",
    334: "the server does not offer this way to log in: correct authMechanism in the address",
    OTHER_CAPITALS: "the server has a database of this name in other capitals: write it as there",
    14031: "the disk of the server is full: make room there",
}
"""What the server says with a code, and the sentence."""


def line_of_error(error: Exception) -> str:
    """Describe an error in one line; one of the operating system by the place, its phrase, and what to do.

    An error with a text of its own, such as one of this project, is that text.
    """
    if not isinstance(error, OSError) or error.errno is None or error.strerror is None:
        return " ".join(str(error).split()) or repr(error)
    place = f"{error.filename}: " if error.filename is not None else ""
    return f"{place}{phrase_of(error)}"


def phrase_of(error: OSError) -> str:
    """Return the phrase of the operating system and what to do, without the place; or the error's own text."""
    return with_advice(error.strerror, error.errno) if error.strerror else " ".join(str(error).split()) or repr(error)


def with_advice(phrase: str, number: int | None) -> str:
    """Add to a phrase of the operating system what to do, if that is known; a sentence of this project stays."""
    advice = _ADVICE.get(number) if number is not None and phrase == os.strerror(number) else None
    return f"{phrase}; {advice}" if advice else phrase


def not_writable(place: str | Path) -> str:
    """Say that a directory cannot be written, and what to do."""
    is_read_only = os.statvfs(place).f_flag & os.ST_RDONLY
    return f"{place} is not writable; {_ADVICE[errno.EROFS if is_read_only else errno.EACCES]}"


def reason_of(error: Exception) -> str:
    """Say in a few words why a database has refused something, and what to do; pymongo's own messages are pages long.

    Returns:
        One line without the passwords that pymongo repeats; the name of the error if nothing better is known.
    """
    details: Mapping[str, Any] = getattr(error, "details", None) or {}
    text = str(error).lower()
    if isinstance(error, OperationFailure) and error.code in (AUTHENTICATION_FAILED, _ATLAS_ERROR):
        return "correct user and password in the address, and name the user's database with authSource=DATABASE"
    if isinstance(error, OperationFailure) and error.code == UNAUTHORIZED:
        if "requires authentication" in text:
            return "it asks for a user: write USER:PASSWORD@ before the host in the address"
        return "the user has no right to this: an administrator can grant it the role readWrite"
    if isinstance(error, OperationFailure) and error.code is not None and error.code in _REFUSALS:
        return _REFUSALS[error.code]
    if isinstance(error, (ConnectionFailure, ConfigurationError)):
        for part, sentence in _CONNECTION:
            if part in text:
                return sentence
    if isinstance(error, (ConfigurationError, InvalidName)):
        return " ".join(redact(str(error)).split())
    name = str(details.get("codeName") or type(error).__name__)
    index = details.get("keyPattern")
    return f"{name} of the unique index on {', '.join(index)}" if isinstance(index, dict) else name


def problem_of(error: Exception) -> str:
    """Say what a database does instead of what was asked, with the reason."""
    if not isinstance(error, OperationFailure):
        return f"does not answer ({reason_of(error)})"
    is_refusal = error.code in (UNAUTHORIZED, AUTHENTICATION_FAILED, _ATLAS_ERROR)
    return f"{'refuses the user' if is_refusal else 'fails'} ({reason_of(error)})"
