"""A trial is plain data: a process on another machine gets it."""

import json
import pickle
from dataclasses import asdict

from experiments.sweeps.trials.trial import Trial


def test_a_trial_can_be_sent_to_another_machine():
    trial = Trial("/shared/runs/_search/a.journal", "a", 3, "median", 50)

    assert pickle.loads(pickle.dumps(trial)) == trial
    assert Trial(**json.loads(json.dumps(asdict(trial)))) == trial
