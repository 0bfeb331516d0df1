"""First room: bytes in, :class:`~retrowalk.read.reading.Reading` out. One folder per format."""
