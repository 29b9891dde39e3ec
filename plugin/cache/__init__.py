"""Public reads, kept in the process once they were rendered.

A read is answered from here after one look-up by primary key: the revision of its product, which
every visible change raises in its own transaction. So a kept answer is never older than the
database, whichever process wrote last, and nothing has to tell anybody to forget.

:mod:`.asked` says what a request asks for, :mod:`.revisions` looks up, :mod:`.store` keeps within
its bytes, :mod:`.entry` is an answer in all its forms, :mod:`.cache` puts them together for the
views, and :mod:`.early` answers before Flask where we are served alone.
"""
