"""The operator as forger: everything on the machine is his, the log's signing key too.

He opens the database past its locks, rewrites history, rebuilds every entry, hash, checkpoint, row
and counter, signs it all again, puts the locks back and overwrites the kept checkpoint. Within his
own walls nothing is out of place then. What convicts him stands outside: a checkpoint, a receipt or
a witness that he cannot reach, and the public API that must agree with the log.

===================  =============================================================
:mod:`.ledger`       a log as plain Python: entries with their rows, and the words
:mod:`.rows`         a ledger read from a database, and every row that it implies
:mod:`.break_in`     past the locks, and out again without a trace
:mod:`.scene`        what happened honestly before
:mod:`.trial`        a copy of all that: forge, look with the doctor, verify
:mod:`.forgeries`    the classes of forgery, and what each must be found by
:mod:`.misses`       what no verifier can find, and what closes it
===================  =============================================================
"""
