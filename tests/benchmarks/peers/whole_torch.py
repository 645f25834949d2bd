"""A whole run in PyTorch: nn.LSTM, a DataLoader and the usual loop.

python -m tests.benchmarks.peers.whole_torch CONFIG
"""

import tempfile
from pathlib import Path
from typing import Any

from experiments.pipeline.costs import Phases
from tests.benchmarks.peers.whole_job import Config, Examples, draw_examples, read_config, report


def main(config: Config) -> None:
    """Train, and measure the best weights on the test split."""
    phases = Phases({})
    phases.enter("import")
    import torch

    phases.enter("data")
    torch.manual_seed(config["seed"])
    examples, size = draw_examples(config)
    tensors = {name: as_tensors(split) for name, split in examples.items()}
    phases.enter("training")
    network = make_network(config, size)
    with tempfile.TemporaryDirectory() as directory:
        best = Path(directory) / "best.pt"
        steps = fit(network, config, tensors, best)
        phases.enter("evaluation")
        network.load_state_dict(torch.load(best))
    report(phases, accuracy=accuracy_of(network, tensors["test"]), steps=steps)


def as_tensors(split: Examples) -> list[tuple[Any, int]]:
    """Return pairs of a word and its label."""
    import torch

    return [(torch.tensor(word), label) for word, label in zip(split.characters, split.even, strict=True)]


def collate(batch: list[tuple[Any, int]]) -> tuple[Any, Any, Any]:
    """Pad words to the longest; return characters, lengths and labels."""
    import torch

    characters = torch.nn.utils.rnn.pad_sequence([word for word, _ in batch], batch_first=True)
    return characters, torch.tensor([len(word) for word, _ in batch]), torch.tensor([label for _, label in batch])


def make_network(config: Config, size: int) -> Any:
    """Make Embedding, LSTM and Linear on the state after the last character of each word."""
    import torch
    from torch import nn

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(size, config["embedding"])
            self.lstm = nn.LSTM(config["embedding"], config["hidden"], batch_first=True)
            self.logits = nn.Linear(config["hidden"], 2)

        def forward(self, characters: Any, lengths: Any) -> Any:
            states, _ = self.lstm(self.embedding(characters))
            return self.logits(states[torch.arange(len(lengths)), lengths - 1])

    return Network()


def fit(network: Any, config: Config, tensors: Any, best: Path) -> int:
    """Train until max_steps or until patience is exhausted, save the best weights, and return the last step."""
    import torch

    optimizer = torch.optim.AdamW(
        network.parameters(), lr=config["learning_rate"], weight_decay=config["weight_decay"]
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / config["max_steps"])
    loader: Any = torch.utils.data.DataLoader(
        tensors["train"], batch_size=config["batch_size"], shuffle=True, collate_fn=collate
    )
    step, best_step, highest = 0, 0, -1.0
    while True:
        for characters, lengths, labels in loader:
            update(network, optimizer, characters, lengths, labels)
            schedule.step()
            step += 1
            if step % config["evaluate_every"] == 0:
                accuracy = accuracy_of(network, tensors["validation"])
                if accuracy > highest:
                    best_step, highest = step, accuracy
                    torch.save(network.state_dict(), best)
            if step == config["max_steps"] or step - best_step >= config["patience"]:
                return step


def update(network: Any, optimizer: Any, characters: Any, lengths: Any, labels: Any) -> None:
    """Train one step."""
    import torch

    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(network(characters, lengths), labels)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()


def accuracy_of(network: Any, examples: list[tuple[Any, int]]) -> float:
    """Return the share of examples that the network gets right."""
    import torch

    characters, lengths, labels = collate(examples)
    with torch.no_grad():
        right = network(characters, lengths).argmax(dim=1) == labels
    share: float = right.float().mean().item()
    return share


if __name__ == "__main__":
    main(read_config())
