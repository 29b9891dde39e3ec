"""The transparency log's formats and proofs; needs only the standard library and `cryptography`.

========================  ==================================================================
:mod:`.merkle`            RFC 6962 hashing, inclusion and consistency proofs
:mod:`.note`, `.keys`     signed notes and the keys that sign them (c2sp.org/signed-note)
:mod:`.cosignature`       a witness's signature on a checkpoint (c2sp.org/tlog-cosignature)
:mod:`.checkpoint`        the signed state of a log (c2sp.org/tlog-checkpoint)
:mod:`.proof`             the receipt that a writer keeps (c2sp.org/tlog-proof@v1)
:mod:`.tile`              paths and contents of what a log publishes (c2sp.org/tlog-tiles)
:mod:`.errors`            what can be wrong with any of them
========================  ==================================================================

Each module's docstring is the specification of its format, with an example that the tests run.
Functions come in pairs (``parse``/``format``, ``sign``/``open``, ``prove``/``check``), and every
parser accepts exactly the bytes that its formatter writes. Import from the modules themselves.
"""
