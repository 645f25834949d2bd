"""Says in a line why a run failed."""


def failure_reason(trace: object) -> str:
    """Return the line of a recorded trace that explains a failure; TensorFlow writes it after the failed node."""
    lines = [line for line in str(trace[-1]).splitlines() if line.strip()] if isinstance(trace, list) and trace else []
    node = next((place for place, line in enumerate(lines[:-1]) if line.startswith("Node: ")), None)
    if node is None:
        return lines[0] if lines else ""
    return f"{lines[0].partition(':')[0].rpartition('.')[2]}: {lines[node + 1]}"
