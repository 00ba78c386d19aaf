"""The one form of an e-mail address, whichever way it comes in."""

from email_validator import EmailNotValidError, validate_email

from nexus.domain.users import normal_email

LONGEST = 254


def mail_address(text: str, *, tests: bool) -> str | None:
    """Return the form that is kept and compared, or None for what is no address.

    With `tests` the reserved domains of tests are taken too. Nobody is asked about the address.
    """
    text = normal_email(text)
    # The library would read a megabyte before it says so.
    if len(text) > LONGEST:
        return None
    try:
        # Before the @ only ASCII: few servers of mail take more, and none of ours sends it.
        found = validate_email(
            text, allow_smtputf8=False, check_deliverability=False, test_environment=tests
        )
    except EmailNotValidError:
        return None
    return normal_email(found.normalized)
