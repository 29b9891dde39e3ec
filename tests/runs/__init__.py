"""The long attacks of ``make attack``: ``python -m runs``, described in ``docs/attacks.md``.

A run is a module with ``NAME``, ``needs() -> list[str]`` (what this machine lacks for it, each with
its remedy) and ``run(scale) -> list[Figure]``. It joins by one line in :mod:`.registry`. The tests
call the same functions at :data:`~.scale.QUICK`.
"""
