"""The verifier: checks a log and what its shop shows, from outside, trusting nobody but one key.

It knows no framework and no database of ours. :func:`~.run.verify` is the whole of it, and
:mod:`.command` puts it on the command line. ``docs/verifying.md`` says how to use it,
``docs/log-format.md`` what it checks.

=============================  ==============================================================
:mod:`.fetch`, `.site`         reading over HTTP, with limits, and where everything stands
:mod:`.tree`, `.passed`        every entry, every tile, as one stream; the root at any size passed
:mod:`.entries`                the form of each entry
:mod:`.replay`, `.rules`       what the entries say, in a temporary SQLite file, and the rules
:mod:`.live`                   the log while it grows
:mod:`.texts`, `.figures`      what must therefore be shown, as of any size of the log
:mod:`.shown`, `.differences`  a review as it is shown
:mod:`.walls`                  the export, the walls and the summaries of a shop
:mod:`.kept`, `.state`         checkpoints of others and of last time; evidence of a fork
:mod:`.signed`, `.witnesses`   opening checkpoints: keys, new keys, quorums
:mod:`.receipt`                a writer's receipt
:mod:`.run`, `.outcome`        the whole check: options in, outcome out
:mod:`.findings`, `.report`    what was found, and how it is told
=============================  ==============================================================
"""
