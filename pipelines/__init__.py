"""The Dagster shell: it fetches, calls one stage per asset, and keeps; it computes nothing.

Nothing of the library imports this package.
"""
