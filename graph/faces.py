"""Every expected failure's face: the member of a union that stands for it."""

from app.errors import Expected
from graph import customers, errors, keys
from graph.context import Info

FACES = (*errors.FACES, *customers.FACES, *keys.FACES)


def face_of(failure: Expected, info: Info) -> errors.Error:
    """The face, for members that no exception handler reaches: those of list items."""
    face = next(face for kind, face in FACES if isinstance(failure, kind))
    return face.of(failure, info)
