def test_a_report_is_written_and_its_runs_are_counted(sweep, tmp_path, analyse):
    page = tmp_path / "report.html"

    assert analyse("report", sweep, "-o", page) == f"19 runs in {page}\n"
    assert page.read_text().startswith("<!doctype html>")


def test_nothing_is_written_for_runs_without_a_result(runs, analyse):
    assert "has a validation and a test result" in analyse("report", runs, "-o", runs / "a.html", status=1)
    assert "does not end with .html" in analyse("report", runs, "-o", runs / "a.pdf", status=1)
    assert not list(runs.glob("a.*"))
