"""What looks like a credential in a line of a source."""

import time

import pytest

from experiments.recording.credentials import hide_credentials, lines_with_credentials

CREDENTIALS = [
    ("run.sh", "export MONGO_URL=mongodb://lab:Geheim42@h/runs", "export MONGO_URL=mongodb://lab:***@h/runs"),
    ("run.sh", "export MONGO_URL=mongodb://lab:Ge@h/e:im@h/runs", "export MONGO_URL=mongodb://lab:***@h/runs"),
    ("run.sh", "export PGPASSWORD=geheim", "export PGPASSWORD=***"),
    ("run.sh", "API_KEY='geheim' ./train", "API_KEY='***' ./train"),
    ("run.sh", "AWS_SECRET_ACCESS_KEY=ge/heim+ AWS_REGION=eu", "AWS_SECRET_ACCESS_KEY=*** AWS_REGION=eu"),
    ("run.sh", "aws_access_key_id = AKIAIOSFODNN7EXAMPLE", "aws_access_key_id = ***"),
    ("run.sh", "curl -u lab:geheim https://h", "curl -u lab:*** https://h"),
    ("run.sh", 'curl -H "Authorization: Bearer abc.def" https://h', 'curl -H "Authorization: Bearer ***" https://h'),
    ("run.sh", "sshpass -p geheim ssh h", "sshpass -p *** ssh h"),
    ("run.sh", "mongosh -u lab -p geheim h/runs", "mongosh -u lab -p *** h/runs"),
    ("run.sh", "mysql -pgeheim runs", "mysql -p*** runs"),
    ("run.sh", "docker login -u lab -p geheim", "docker login -u lab -p ***"),
    ("run.sh", "export DB_PASS=geheim", "export DB_PASS=***"),
    ("run.sh", 'curl -H "X-Api-Key: geheim" https://h', 'curl -H "X-Api-Key: ***" https://h'),
    ("run.sh", "login --password geheim", "login --password ***"),
    (
        "run.sh",
        "echo machine h login lab password geheim > ~/.netrc",
        "echo machine h login lab password *** > ~/.netrc",
    ),
    (
        "run.sh",
        "x=mongodb://h/r?tlsCertificateKeyFilePassword=a&b=c",
        "x=mongodb://h/r?tlsCertificateKeyFilePassword=***&b=c",
    ),
    ("a.py", 'password = "geheim"', 'password = "***"'),
    ("a.py", "connect(password='geheim', port=1)", "connect(password='***', port=1)"),
    ("a.py", '{"api_key": "geheim"}', '{"api_key": "***"}'),
    ("a.py", 'os.environ["WANDB_API_KEY"] = "geheim"', 'os.environ["WANDB_API_KEY"] = "***"'),
    ("a.py", 'os.environ.setdefault("DB_PASSWORD", "geheim")', 'os.environ.setdefault("DB_PASSWORD", "***")'),
    ("a.py", "DB_PASS = 'geheim'", "DB_PASS = '***'"),
    ("a.py", 'token: str = "geheim"', 'token: str = "***"'),
    ("a.py", 'url = "mongodb://lab:geheim@h/runs"', 'url = "mongodb://lab:***@h/runs"'),
    ("a.py", 'x = "ghp_0123456789012345678901234567890123456789"', 'x = "***"'),
    ("ci.yml", "  token: geheim", "  token: ***"),
    ("pyproject.toml", 'token = "geheim"', 'token = "***"'),
    (".env", "ANYTHING=geheim", "ANYTHING=***"),
    (".netrc", "  password geheim", "  password ***"),
    ("Makefile", "SECRET := geheim", "SECRET := ***"),
]
HARMLESS = [
    ("a.py", "token = next(tokens)"),
    ("a.py", "password = getpass.getpass()"),
    ("a.py", 'url = f"mongodb://{user}:{password}@{host}/runs"'),
    ("a.py", 'password = f"{word}"'),
    ("a.py", "tokenizer = 'words'"),
    ("a.py", 'if token == "elf":'),
    ("a.py", '_SECRET = re.compile(r"x")'),
    ("run.sh", "export MONGO_URL=mongodb://lab:$PASSWORD@h/runs"),
    ("run.sh", "TOKEN=$(cat token)"),
    ("run.sh", "max_token=64"),
    ("run.sh", "mysql -P 3306 runs"),
    ("run.sh", "mongod --port 27017"),
    ("run.sh", "docker run -p 8080:80 image"),
    ("a.py", 'count("token", "word")'),
    ("a.py", "first_pass = 1"),
    ("run.sh", "python experiments/parity.py with hidden=64 seed=0 # https://a/b@c"),
    ("ci.yml", "  token: ${{ secrets.TOKEN }}"),
    ("Makefile", "TOKEN = $(shell cat token)"),
    ("a.sh", "PASSWORD=***"),
]


@pytest.mark.parametrize(("path", "line", "hidden"), CREDENTIALS)
def test_a_credential_is_replaced(path, line, hidden):
    assert hide_credentials(line, path) == (hidden, 1)
    assert hide_credentials(hidden, path) == (hidden, 0)


@pytest.mark.parametrize(("path", "line"), HARMLESS)
def test_code_and_references_are_no_credentials(path, line):
    assert hide_credentials(line, path) == (line, 0)


@pytest.mark.parametrize("part", ["a", "a.", "://a:", "://", "?a", "token", "token =", "curl ", "machine a login b "])
def test_a_long_line_takes_no_longer_than_its_length(part):
    line = part * (200_000 // len(part))

    start = time.process_time()
    hide_credentials(line, "run.sh")

    assert time.process_time() - start < 10  # seconds; the square of the length would take minutes


def test_the_lines_of_a_source_are_numbered():
    text = "import os\n\npassword = 'geheim'\ntoken = next(tokens)\nkey = 'AKIAIOSFODNN7EXAMPLE'\n"

    assert lines_with_credentials(text, "a.py") == [3, 5]
    assert lines_with_credentials("import os\n", "a.py") == []


@pytest.mark.parametrize(("path", "line", "_"), [each for each in CREDENTIALS if each[0] == "a.py"])
def test_each_credential_of_a_source_is_found(path, line, _):
    assert lines_with_credentials(line, path) == [1]
