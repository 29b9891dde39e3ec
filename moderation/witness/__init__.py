"""A witness of logs: a small service by which others, such as a regulator, vouch for their growth.

=================  ==============================================================================
:mod:`.request`    what a log sends to a witness (c2sp.org/tlog-witness)
:mod:`.state`      what the witness remembers: one SQLite file beside its key
:mod:`.witness`    the decision whether to cosign, and nothing else
:mod:`.app`        that decision over HTTP, as a WSGI application
:mod:`.command`    ``insurance-reviews-witness``
=================  ==============================================================================

It needs the log's formats in :mod:`~insurance_reviews.moderation.tlog`, Werkzeug, and the standard
library; no Flask, no SQLAlchemy, and nothing of the shop that it watches.
"""
