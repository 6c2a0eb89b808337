"""Which face each failure of a customer's change has, for members that no exception handler reaches."""

from app.errors import Expected
from graph import errors
from graph.context import Info
from graph.customers.errors import FACES


def face_of(failure: Expected, info: Info) -> errors.Error:
    face = next(face for kind, face in (*errors.FACES, *FACES) if isinstance(failure, kind))
    return face.of(failure, info)
