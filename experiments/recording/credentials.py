"""Finds what looks like a credential in a line of a source: a password, a token or a key."""

import re
from pathlib import PurePosixPath

from observers.redaction import MARK, replace_learned

_KEYWORD = r"(?:password|passwd|passphrase|secret|token|(?:api|secret|access|private|account)[_-]?key|_pwd|_pass)"
_ASSIGNED = rf"{_KEYWORD}[\"']?\]?\s{{0,20}}(?::\s?\w{{1,20}}\s{{0,20}})?(?::=|[:=])\s{{0,20}}[bru]?"
_BARE = r"(?!(?:true|false|none|null|\d{1,3})\b)([^\s'\"`;&|,()\[\]]+)"
_NO_VALUES = ("$", "{", "<", "[^", "(?", MARK)  # references, regular expressions, what is hidden already

_ANYWHERE = [  # two groups each: what stays, and what is hidden
    r"(://[^\s/:@'\"]{0,100}:)([^\s'\"]{1,500})(?=@)",
    r"(://)([^\s/:@'\"]{20,500})(?=@)",
    rf"({_ASSIGNED}\")([^\"]+)(?=\")",
    rf"({_ASSIGNED}')([^']+)(?=')",
    rf"((?:environ\.setdefault|environ\.get|getenv|setenv|putenv)\([\"']\w{{0,100}}{_KEYWORD}[\"'],\s?[\"'])([^'\"]+)",
    rf"([?&;][\w.-]{{0,40}}{_KEYWORD}=)([^&\s'\"]+)",
    r"(\bauthorization[\"']?\s{0,20}[:=]\s{0,20}[\"']?(?:bearer|basic|token)\s{1,20})([^\s'\"]+)",
    r"(\bmachine\s{1,20}\S{1,300}\s{1,20}login\s{1,20}\S{1,300}\s{1,20}password\s{1,20})(\S+)",
    r"()\b(?-i:((?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{35}|gh[oprsu]_\w{30,}|github_pat_\w{20,}|glpat-[\w-]{20,}))",
    r"()\b(?-i:(hf_\w{30,}|sk-[\w-]{20,}|xox[abprs]-[\w-]{10,}|npm_\w{30,}|pypi-[\w-]{50,}))",
    r"()\b(?-i:(eyJ[\w-]{10,}\.eyJ[\w-]+\.[\w-]+))",
    r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)(.+)",
]
_OUTSIDE_PYTHON = [
    rf"({_KEYWORD}\s{{0,20}}:?=\s{{0,20}}){_BARE}",
    rf"(--[\w-]{{0,40}}{_KEYWORD}\s{{1,20}}['\"]?){_BARE}",
    r"(\b(?:sshpass|mongo\w{0,20}|mysql\w{0,20}|docker login)\s(?:.{0,300}\s)?(?-i:-p)\s{0,20}['\"]?)([^\s'\"]+)",
    rf"(\s['\"]?[\w-]{{0,40}}{_KEYWORD}:\s{{0,20}})([^\s'\"]+)(?=['\"])",
    r"(\bcurl\b.{0,300}\s(?:-u|--user)[\s=]{0,20}['\"]?[^\s:'\"]{1,100}:)([^\s'\"]+)",
]
_YAML = [rf"({_KEYWORD}[\"']?\s{{0,20}}:\s{{1,20}}){_BARE}"]
_ENVIRONMENT = [r"(^\s{0,20}(?:export\s{1,20})?\w{1,100}=)(.+)"]
_NETRC = [r"(\bpassword\s{1,20})(\S+)"]
_PARTS = (
    "password passwd passphrase secret token _pwd _pass apikey accesskey privatekey accountkey _key -key :// "
    "authorization private machine akia asia aiza ghp_ gho_ ghr_ ghs_ ghu_ github_pat_ glpat- hf_ sk- xox npm_ pypi- "
    "eyj"
).split()
"""One of them, in any case, is in each text that a pattern for Python matches; finding them is much faster."""


def _compile(patterns: list[str]) -> list[re.Pattern[str]]:
    return [re.compile(pattern, re.IGNORECASE) for pattern in patterns]


_BY_SUFFIX = {
    ".py": _compile(_ANYWHERE),
    ".yml": _compile([*_ANYWHERE, *_OUTSIDE_PYTHON, *_YAML]),
    ".yaml": _compile([*_ANYWHERE, *_OUTSIDE_PYTHON, *_YAML]),
    ".env": _compile([*_ANYWHERE, *_ENVIRONMENT]),
    ".netrc": _compile([*_ANYWHERE, *_NETRC]),
}
_OTHERS = _compile([*_ANYWHERE, *_OUTSIDE_PYTHON])


def hide_credentials(line: str, path: str) -> tuple[str, int]:
    """Replace what looks like a credential by MARK.

    In Python only literals are credentials: `token = next(tokens)` is code.

    Args:
        line: of a source, without its end.
        path: of the source; its suffix says how values are written.

    Returns:
        The line, and the number of values that were replaced.
    """
    line, count = replace_learned(line)
    for pattern in _patterns_for(path):
        values = [match[2] for match in pattern.finditer(line) if not match[2].startswith(_NO_VALUES)]
        if values:
            line, count = pattern.sub(_hide, line), count + len(values)
    return line, count


def _hide(match: re.Match[str]) -> str:
    return match[0] if match[2].startswith(_NO_VALUES) else f"{match[1]}{MARK}"


def lines_with_credentials(text: str, path: str) -> list[int]:
    """Return the numbers of the lines of a source that hold what looks like a credential.

    Args:
        text: of the source, in Python.
        path: of the source.
    """
    if not _may_match(text):
        return []
    lines = enumerate(text.splitlines(), 1)
    return [number for number, line in lines if _may_match(line) and hide_credentials(line, path)[1]]


def _may_match(text: str) -> bool:
    lowered = text.lower()
    return any(part in lowered for part in _PARTS)


def _patterns_for(path: str) -> list[re.Pattern[str]]:
    name = PurePosixPath(path).name
    suffix = ".env" if name.startswith(".env") else name if name in _BY_SUFFIX else PurePosixPath(path).suffix
    return _BY_SUFFIX.get(suffix, _OTHERS)
