"""Text in FIT: UTF-8 bytes that end at the first zero byte, if any."""


def text_from_bytes(raw: bytes) -> str | None:
    r"""Reads a string field; None where it is empty.

    Some devices end it without a zero byte, some write no UTF-8: what cannot be read becomes
    U+FFFD.

    Example:
        >>> text_from_bytes(b"retro walk\x00\xff"), text_from_bytes(b"caf\xe9"), text_from_bytes(b"")
        ('retro walk', 'caf\ufffd', None)
    """
    return raw.split(b"\x00", 1)[0].decode("utf-8", errors="replace") or None
