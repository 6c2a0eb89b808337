"""The failures of API keys that a caller can cause and mend. Each has one face in `graph.keys.errors`."""

from app.errors import Expected, Path


class ApiKeyNotFound(Expected):
    """No key of this environment has the id; another tenant's is none."""

    code = "NOT_FOUND"

    def __init__(self, path: Path = ("id",)) -> None:
        super().__init__("There is no such API key.", path)
