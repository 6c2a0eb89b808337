"""`python -m app`."""

import gc

# There is no garbage among what is imported: it stays.
gc.disable()

from app.cli import main  # noqa: E402

gc.enable()
main()
