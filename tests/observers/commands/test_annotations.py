from observers.__main__ import main


def test_tags_and_notes_are_written_and_shown(runs, capsys):
    place = ["-F", str(runs)]
    assert main(["tag", "1..2", "--add", "good,new", *place]) == 0
    assert main(["note", "1", "--add", "the first run", *place]) == 0
    capsys.readouterr()
    main(["tag", "1", *place])
    main(["note", "1..2", *place])

    assert capsys.readouterr().out.splitlines() == [
        f"{runs / '1'}: good, new",
        f"{runs / '1'}: the first run",
        f"{runs / '2'}: no note",
    ]


def test_a_note_without_text_is_refused(runs, capsys):
    assert main(["note", "1", "--add", " ", "-F", str(runs)]) == 1
    assert capsys.readouterr().err == 'observers: the note is empty; --set "" removes a note\n'
