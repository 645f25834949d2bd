import pytest

from observers.arguments import make_parser


def parse(*words):
    return vars(make_parser("Maintains runs.").parse_args(words))


def test_options_may_stand_before_and_after_the_runs():
    before, after = parse("tag", "--add", "good", "3", "5..9"), parse("tag", "3", "5..9", "--add", "good")

    assert before == after
    assert (after["ids"], after["add"], after["remove"], after["runs"]) == (["3", "5..9"], ["good"], [], "runs")


def test_a_note_is_added_or_replaced_and_not_both(capsys):
    assert parse("note", "3", "--add", "text")["set"] is None
    with pytest.raises(SystemExit):
        parse("note", "3", "--add", "text", "--set", "text")
    assert "argument --set: not allowed with argument --add" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["sync", "list", "reap"])
def test_the_directory_is_an_argument_or_an_option(command):
    assert parse(command, "elsewhere")["place"] == "elsewhere"
    assert parse(command, "-F", "elsewhere")["runs"] == "elsewhere"


@pytest.mark.parametrize("command", ["tag", "note", "delete"])
def test_commands_on_runs_show_an_example(command, capsys):
    with pytest.raises(SystemExit):
        parse(command, "--help")
    assert f"example: python -m observers {command} " in capsys.readouterr().out


def test_a_missing_command_is_refused(capsys):
    with pytest.raises(SystemExit):
        parse()
    assert "the following arguments are required: command" in capsys.readouterr().err
