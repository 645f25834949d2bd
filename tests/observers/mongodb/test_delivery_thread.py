"""The thread that delivers a run; test_live.py has what it delivers."""

from observers.mongodb.address import read_address
from observers.mongodb.delivery_thread import DeliveryThread


def test_where_no_thread_may_start_the_run_goes_on_with_a_line(tmp_path, monkeypatch, capsys):
    def fail(thread):
        raise RuntimeError("can't start new thread")

    thread = DeliveryThread(tmp_path / "1", read_address("mongodb://127.0.0.1:9/x"))
    with monkeypatch.context() as patch:
        patch.setattr("threading.Thread.start", fail)
        thread.start()
    thread.deliver_soon(run_ended=True)
    thread.wait()

    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("the run cannot be delivered into MongoDB (Resource temporarily unavailable")
    assert "ulimit -u" in line
    assert line.endswith(f"; it is recorded in {tmp_path / '1'}")
    assert thread.run_id is None
