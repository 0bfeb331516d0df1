"""Scores workout logs of people who walk backward, one room after another.

    bytes -> records, marks, motion -> windows -> segments -> energy -> sessions -> adherence -> weekly summary

Each word is one table, declared once in :mod:`retrowalk.tables`. Each arrow is one room: one
public function named ``<table>_from_<source>`` that takes whole tables of many workouts and
returns whole tables. No room imports another room; :mod:`retrowalk.walk` visits them in order.
"""
