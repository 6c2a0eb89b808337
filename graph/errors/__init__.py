"""Failures as data: the members that every mutation's union shares."""

from graph.errors.codes import ErrorCode
from graph.errors.faces import FACES, Error, Face, FieldError, IdempotencyConflict, ValidationErrors
from graph.errors.paths import wire

__all__ = ["FACES", "Error", "ErrorCode", "Face", "FieldError", "IdempotencyConflict", "ValidationErrors", "wire"]
