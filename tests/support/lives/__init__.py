"""Lives that hypothesis makes up: anybody does anything in any order, and a model knows the result.

:mod:`.model` is what everybody should see, :mod:`.installation` the real shop on a real database,
:mod:`.tamperings` what its operator bends in between, :mod:`.life` the machine that drives them.
"""
