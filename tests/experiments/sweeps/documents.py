"""Runs in a database that nobody has trained, and the plan of a sweep that looks for them."""

import uuid
from datetime import timedelta
from typing import Any

from experiments.parity import experiment
from experiments.sweeps.planning.grid import read_grid
from experiments.sweeps.planning.in_mongodb import RunsInMongoDB
from experiments.sweeps.planning.plan import plan
from experiments.sweeps.planning.store import Store
from observers.mongodb.address import read_address

SCRIPT = "experiments/parity.py"
SOURCES = {SCRIPT: "0" * 32}


def make_recorded(url, warn, **options):
    """Prepare to ask a database for runs of parity.py."""
    return RunsInMongoDB(read_address(url), SCRIPT, SOURCES, warn, **options)


def make_plan(*words, draws=0, stored=()):
    """Plan runs of parity.py, as on the command line."""
    grid = read_grid(["fast", *words])
    store = Store(stored, SCRIPT, SOURCES)
    return plan(experiment, grid.points(draws, 0), named_configs=grid.named_configs, options=[], store=store)


def insert_run(plain, config, /, status="COMPLETED", md5=SOURCES[SCRIPT], **fields) -> str:
    """Insert the document of a run on another host, and return its uuid."""
    name = uuid.uuid4().hex
    source = plain["fs.files"].insert_one({"filename": SCRIPT, "metadata": {"source_md5": md5, "n": name}}).inserted_id
    document: dict[str, Any] = {
        "_id": plain.runs.count_documents({}) + 1,
        "status": status,
        "config": dict(config),
        "info": {"uuid": name, "best_validation": 0.5},
        "result": 0.25,
        "experiment": {"name": "parity", "mainfile": SCRIPT, "sources": [[SCRIPT, source]]},
        "host": {"hostname": "elsewhere"},
        "process": {"hostname": "elsewhere"},
        "seen": plain.client.admin.command("hello")["localTime"],
        "fail_trace": ["OSError: the disk is full"] if status == "FAILED" else None,
    }
    plain.runs.insert_one({**document, **fields})
    return name


def age_claims(plain, seconds=61.0):
    """Set back the heartbeat of each claim, as if its sweep had been killed so long ago."""
    now = plain.client.admin.command("hello")["localTime"]
    plain.claims.update_many({}, {"$set": {"heartbeat": now - timedelta(seconds=seconds)}})
