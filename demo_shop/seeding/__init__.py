"""Filling an empty demo with two years of life.

:mod:`.plan` decides what happened and when, from a seed and a date, and touches nothing.
:mod:`.perform` lets it happen through the plugin's services.
"""
