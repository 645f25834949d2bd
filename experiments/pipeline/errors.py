"""The error for a request that cannot be carried out."""

from sacred.utils import SacredError


class UserError(SacredError):
    """A request that cannot be carried out; the message is one line that a person can act on."""

    def __init__(self, message: object) -> None:
        super().__init__(" ".join(str(message).split()), print_traceback=False, print_usage=False)
