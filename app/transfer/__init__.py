"""Moving in and out: files of customers, read and written."""

from app.transfer.environments import environment_of
from app.transfer.exporting import export
from app.transfer.files import Format, Source
from app.transfer.importing import Importer
from app.transfer.progress import Counts, OnConflict

__all__ = ["Counts", "Format", "Importer", "OnConflict", "Source", "environment_of", "export"]
