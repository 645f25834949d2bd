"""PyTorch: nn.LSTM over batches padded to their longest word, a DataLoader and the usual loop."""

from typing import Any

from tests.benchmarks.peers.job import CONFIG, Job, Meter, read_job


def main(job: Job) -> None:
    """Train until the time is over."""
    import torch
    from torch import nn

    torch.set_num_threads(job.threads)
    torch.manual_seed(1)
    words, even = job.words()
    letters = {letter: place + 1 for place, letter in enumerate(sorted(set("".join(words))))}
    encoded = [torch.tensor([letters[letter] for letter in word]) for word in words]
    examples = list(zip(encoded, even, strict=True)) * -(-job.batch // len(words))

    def collate(batch: list[tuple[Any, int]]) -> tuple[Any, Any, Any]:
        characters = nn.utils.rnn.pad_sequence([word for word, _ in batch], batch_first=True)
        return characters, torch.tensor([len(word) for word, _ in batch]), torch.tensor([label for _, label in batch])

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(len(letters) + 1, CONFIG["embedding"])
            self.lstm = nn.LSTM(CONFIG["embedding"], job.hidden, batch_first=True)
            self.logits = nn.Linear(job.hidden, 2)

        def forward(self, characters: Any, lengths: Any) -> Any:
            states, _ = self.lstm(self.embedding(characters))
            return self.logits(states[torch.arange(len(lengths)), lengths - 1])

    network = Network()
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=CONFIG["learning_rate"], weight_decay=CONFIG["weight_decay"]
    )
    loss_of = nn.CrossEntropyLoss()
    loader: Any = torch.utils.data.DataLoader(
        examples, batch_size=job.batch, shuffle=True, drop_last=True, collate_fn=collate
    )
    meter = Meter(job)
    done = False
    while not done:
        for characters, lengths, labels in loader:
            optimizer.zero_grad()
            loss = loss_of(network(characters, lengths), labels)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            loss.item()
            done = meter.step()
            if done:
                break
    meter.report()


if __name__ == "__main__":
    main(read_job())
