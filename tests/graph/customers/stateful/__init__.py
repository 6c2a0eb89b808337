"""Random sequences of every mutation of customers, against a model of the contract."""

import pytest

# So that a disagreement is shown word by word.
pytest.register_assert_rewrite(f"{__name__}.play", f"{__name__}.reading")
