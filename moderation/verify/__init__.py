"""The verifier: checks a log and what its shop shows, from outside, trusting nobody but one key.

It knows no framework and no database of ours. :func:`~.run.verify` is the whole of it, and
:mod:`.command` puts it on the command line. ``docs/verifying.md`` says how to use it,
``docs/log-format.md`` what it checks.

=============================  ==============================================================
:mod:`.fetch`, `.site`         reading over HTTP, with limits, and where everything stands
:mod:`.tree`                   every entry, every tile, the root at any size, as one stream
:mod:`.entries`                the form of each entry
:mod:`.replay`, `.rules`       what the entries say, in a temporary SQLite file, and the rules
:mod:`.texts`, `.figures`      what must therefore be shown, as of any size of the log
:mod:`.shown`, `.walls`        what is shown
:mod:`.kept`, `.state`         checkpoints of others and of last time; evidence of a fork
:mod:`.signed`                 opening checkpoints: keys, key rotation, witnesses
:mod:`.receipt`                a writer's receipt
:mod:`.findings`, `.report`    what was found, and how it is told
=============================  ==============================================================
"""
