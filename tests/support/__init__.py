"""What the tests share. ``tests/conftest.py`` makes fixtures of it.

Importable as ``support`` because pytest puts ``tests/`` on the path, and nothing else.
"""
