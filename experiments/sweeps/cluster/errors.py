"""The end of a sweep because of its cluster."""

from experiments.pipeline.errors import UserError


class ClusterError(UserError):
    """The sweep cannot go on with this cluster; the same command goes on with another."""
