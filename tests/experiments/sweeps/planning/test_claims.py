"""Claims of several sweeps in one database: one holder at a time, none for ever."""

import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pymongo
import pytest
from pymongo.collection import Collection

from experiments.sweeps.planning.claims import Claims, name_runs
from tests.experiments.sweeps.documents import SCRIPT, SOURCES, age_claims, make_plan, make_recorded

pytestmark = pytest.mark.slow

HOST = socket.gethostname()


@pytest.fixture
def open_claims(mongo_url):
    """Begin another sweep that claims runs in the database."""
    with ExitStack() as opened:

        def begin(url=mongo_url, warn=pytest.fail, stale_after=60.0, **options):
            recorded = make_recorded(url, warn, **options)
            opened.callback(recorded.close)
            return opened.enter_context(Claims(recorded, warn, stale_after=stale_after))

        yield begin


def await_true(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_run_is_claimed_by_one_sweep_and_the_others_learn_by_which_host(open_claims, plain):
    first, second = open_claims(), open_claims()

    assert (first.claim("a"), second.claim("a"), second.claim("b")) == (None, HOST, None)
    assert first.claim("a") is None
    assert first.living() == second.living() == {"a": HOST, "b": HOST}
    [claim, _] = plain.claims.find().sort("_id", 1)
    assert (claim["holder"]["hostname"], claim["holder"]["pid"]) == (HOST, os.getpid())


def test_of_sweeps_that_claim_at_once_one_has_the_run(open_claims):
    sweeps = [open_claims() for _ in range(4)]
    barrier = threading.Barrier(4)

    def claim_all(claims):
        taken = []
        for number in range(50):
            barrier.wait()
            taken += [number] if claims.claim(f"run {number}") is None else []
        return taken

    with ThreadPoolExecutor(4) as threads:
        taken = [number for numbers in threads.map(claim_all, sweeps) for number in numbers]

    assert sorted(taken) == list(range(50))


def test_a_claim_that_is_given_up_is_free(open_claims):
    first, second = open_claims(), open_claims()
    first.claim("a")
    second.release("a")
    assert second.claim("a") == HOST

    first.release("a")
    assert second.claim("a") is None


def test_the_end_of_a_sweep_gives_up_all_of_its_claims(open_claims, mongo_url, plain):
    open_claims().claim("theirs")
    recorded = make_recorded(mongo_url, pytest.fail)
    with Claims(recorded, pytest.fail) as claims:
        claims.claim("mine")
    recorded.close()

    assert [claim["_id"] for claim in plain.claims.find()] == ["theirs"]


def test_the_claim_of_a_killed_sweep_is_free_after_a_minute(open_claims, plain):
    killed, other, third = open_claims(), open_claims(), open_claims()
    killed.claim("a")
    age_claims(plain, seconds=55)
    assert other.claim("a") == HOST

    age_claims(plain)
    assert other.living() == {}
    assert (other.claim("a"), third.claim("a")) == (None, HOST)
    killed.release("a")
    assert third.claim("a") == HOST


def test_a_living_sweep_keeps_its_claims_fresh(open_claims, plain):
    open_claims(stale_after=0.6).claim("a")
    age_claims(plain)

    await_true(lambda: open_claims().claim("a") == HOST)


def test_the_server_removes_old_claims(open_claims, plain):
    open_claims()

    await_true(lambda: "heartbeat_1" in plain.claims.index_information())
    assert plain.claims.index_information()["heartbeat_1"]["expireAfterSeconds"] == 3600


def test_claims_that_the_server_has_lost_are_claimed_again(open_claims, plain):
    claims = open_claims(stale_after=0.6)
    claims.claim("a")
    plain.claims.drop()

    await_true(lambda: plain.claims.find_one({"_id": "a"}) is not None)


@pytest.mark.parametrize(
    "claim",
    [{}, {"holder": 7}, {"holder": {"hostname": "\x1b[2J"}}, {"heartbeat": 7, "holder": None}, {"heartbeat": [None]}],
)
def test_a_claim_of_another_form_is_free(open_claims, plain, claim):
    plain.claims.insert_one({"_id": "a", **claim})
    plain.claims.insert_one({"_id": {"a": 1}, **claim})
    claims = open_claims()

    assert claims.living() == {}
    assert claims.claim("a") is None


def test_a_holder_of_another_form_is_another_host(open_claims, plain):
    now = plain.client.admin.command("hello")["localTime"]
    plain.claims.insert_one({"_id": "a", "heartbeat": now, "holder": {"hostname": "\x1b[2J"}})

    assert open_claims().claim("a") == "another host"


def test_a_server_that_dies_grants_every_claim_with_one_line_and_learns_of_them_when_it_is_back(
    open_claims, own_server
):
    lines: list[str] = []
    url = f"{own_server.url}/runs"
    claims = open_claims(url, lines.append, stale_after=0.6, timeout=0.5)
    assert claims.claim("a") is None
    own_server.kill()
    assert (claims.claim("b"), claims.claim("c"), claims.living()) == (None, None, None)
    claims.release("c")
    own_server.start()

    client: pymongo.MongoClient
    with pymongo.MongoClient(url) as client:
        stored: Collection = client.get_default_database().claims
        await_true(lambda: {claim["_id"] for claim in stored.find()} >= {"a", "b"})
        assert stored.find_one({"_id": "c"}) is None
    [line] = lines
    assert line.startswith("MongoDB at 127.0.0.1:")
    assert line.endswith("; the sweep goes on, and may repeat runs of other machines")


def test_a_user_who_may_not_claim_is_told_once_and_granted_every_claim(open_claims, own_server):
    client: pymongo.MongoClient
    with pymongo.MongoClient(own_server.url) as client:
        rights = [{"resource": {"db": "x", "collection": "runs"}, "actions": ["find"]}]
        durable = {"w": "majority", "j": True}
        client.admin.command("createRole", "reader", privileges=rights, roles=[], writeConcern=durable)
        client.admin.command("createUser", "anna", pwd="secret", roles=["reader"], writeConcern=durable)
    own_server.kill()
    own_server.start("--auth")
    lines: list[str] = []
    claims = open_claims(own_server.url.replace("//", "//anna:secret@") + "/x?authSource=admin", lines.append)

    assert (claims.claim("a"), claims.claim("b"), claims.living()) == (None, None, None)
    [line] = lines
    assert "refuses the user (the user has no right to this: an administrator can grant it" in line
    assert line.endswith(
        ": the sweep claims no runs in the collection claims, so other machines may run the same ones"
    )


def test_a_user_whom_the_server_does_not_know_is_told_once(open_claims, own_server):
    lines: list[str] = []
    claims = open_claims(own_server.url.replace("//", "//anna:wrong@") + "/x", lines.append, stale_after=0.3)

    assert (claims.claim("a"), claims.living()) == (None, None)
    await_true(lambda: lines)
    time.sleep(0.2)  # a few heartbeats
    [line] = lines
    assert "refuses the user (correct user and password in the address" in line


def test_a_run_has_the_same_name_on_every_machine_and_its_own():
    runs = [(run.config, run.any_seed) for run in make_plan("seed=1,2")]
    first, second = runs
    names = list(name_runs(SCRIPT, SOURCES, [*runs, (first[0], True), (second[0], True)]))

    assert names[:2] == list(name_runs(SCRIPT, dict(SOURCES), runs))
    assert len(set(names)) == 3
    assert names[2] == names[3]
    assert list(name_runs("experiments/number.py", SOURCES, runs)) != names[:2]
    assert list(name_runs(SCRIPT, {SCRIPT: "1" * 32}, runs)) != names[:2]
    whole = ({**first[0], "weight_decay": int(first[0]["weight_decay"])}, False)
    real = ({**first[0], "weight_decay": float(int(first[0]["weight_decay"]))}, False)
    assert len(set(name_runs(SCRIPT, SOURCES, [whole, real]))) == 1
