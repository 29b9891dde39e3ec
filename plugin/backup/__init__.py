"""Copies of the database in a portable form, and the way back from them."""
