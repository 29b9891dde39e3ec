"""What the database is told to refuse before a trigger has to: rights, fences, and their check.

``tables`` says what may happen to the rows of each table; the SQLite authorizer and PostgreSQL's
grants are both made of it. ``roles``, ``fence`` and ``harden`` install PostgreSQL's roles and the
fence around our schema; ``inspect`` tells what stands and what does not.
"""
