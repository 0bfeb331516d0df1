"""The errors this package raises. Every message names the culprit, where it is, and the fix."""


class RetrowalkError(Exception):
    """Base of every error of this package, so that a caller can catch the family."""


class ExportError(RetrowalkError):
    """An export cannot be used. The scan turns it into a row of ``exports``; it never stops a run.

    Args:
        reason_code: One of :data:`retrowalk.tables.exports.REASON_CODES`.
        reason: One sentence: what stood where, what was expected.
    """

    def __init__(self, reason_code: str, reason: str) -> None:
        self.reason_code = reason_code
        self.reason = reason
        super().__init__(reason)


class RegistryError(RetrowalkError):
    """A registry file cannot be trusted; the run stops, because every score would rest on it.

    Args:
        problems: One line each: file, line, column, what stood there, what was expected, the fix.
    """

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("The registry cannot be used:\n" + "\n".join(f"  {p}" for p in problems))


class SettingsError(RetrowalkError):
    """A setting cannot be used; the message names it, where it came from and what is allowed."""


class RulesError(RetrowalkError):
    """A rule file or protocol cannot be used; the message names the file, the key and the fix."""


class LakeError(RetrowalkError):
    """A table cannot be read or replaced; the message names table, week and what to do."""
