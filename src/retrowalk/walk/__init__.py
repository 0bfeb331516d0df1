"""The one walk through the rooms, for Dagster and for the command line alike.

It fetches and keeps; it computes nothing. No room is visited from anywhere else.
"""
