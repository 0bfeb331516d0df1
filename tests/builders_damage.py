"""Exports with some of their bytes replaced."""

from collections.abc import Sequence

from hypothesis import strategies as st


@st.composite
def damaged(draw: st.DrawFn, seeds: Sequence[bytes], instead: Sequence[bytes]) -> bytes:
    """One of the exports, with up to five stretches of 0 to 40 bytes replaced by something else."""
    data = bytearray(draw(st.sampled_from(seeds)))
    places = st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 40))
    for place, length in draw(st.lists(places, max_size=5)):
        start = int(place * len(data))
        data[start : start + length] = draw(st.sampled_from(instead))
    return bytes(data)
