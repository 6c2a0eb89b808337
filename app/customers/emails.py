"""Email addresses, judged by email-validator: whether mail arrives there is not ours to find out."""

import re
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from app.texts import Format, malformed

# What nearly every address looks like: an atom that needs no look of its own (RFC 5322, 3.2.3), then an ASCII domain.
_ATOM = r"[\w!#$%&'*+\-/=?^`{|}~]+"
_PLAIN = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@([a-z0-9.\-]+)", re.ASCII | re.IGNORECASE)


def judge_email(text: str) -> str:
    """The address as it was sent."""
    plain = _PLAIN.fullmatch(text)
    # Of a plain one only the domain remains to be judged; many customers share it. (Punycode may grow by decoding.)
    if not (_is_domain(plain[1]) if plain and "--" not in plain[1] else _is_address(text)):
        raise malformed(Format.EMAIL, "This must be an email address such as ada@example.com.")
    return text


@lru_cache(10_000)
def _is_domain(domain: str) -> bool:
    return _is_address(f"a@{domain}")


def _is_address(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True
