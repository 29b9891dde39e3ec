"""Attacks in raw SQL on the database, behind the application's back: who strikes, where, and how.

``attacker`` is the one at the SQL prompt, ``scene`` the world that is attacked, and the other
modules are tables of attacks, one per part of the house.
"""
