"""The whole check, in its order."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..tlog.tile import MAX_LEAF
from . import receipt as receipts
from .bounded import loads
from .differences import brief
from .fetch import Fetch, fetch_http
from .findings import CannotCheck, Findings
from .kept import Comparison, Fork, Kept, open_kept, read_kept, write_evidence
from .live import LiveLog
from .outcome import Options, Outcome
from .receipt import Verdict, WriterReceipt, read_receipt
from .replay import Replay, replaying
from .rules import check_rules
from .shown import Shown, Span
from .signed import NotSigned, Signed, Trust, cosigned_times, knows_key
from .site import Site, Unreadable
from .state import State, read_state, write_state
from .texts import Text, moments, text_as_of
from .walls import Walls
from .witnesses import find_witnessed, read_policy


def verify(options: Options, fetch: Fetch = fetch_http) -> Outcome:
    """Check a log and what its shop shows. Raises nothing for what it meets outside."""
    outcome = Outcome(Findings(), url=options.url)
    try:
        run = _Run(options, outcome, fetch)
        try:
            run.check()
        finally:
            run.check_receipts_alone()
    except CannotCheck as error:
        outcome.findings.could_not(error)
    except (OSError, sqlite3.Error) as error:
        # The temporary files: a full disk is nobody's lie.
        outcome.findings.could_not(CannotCheck(f"on this machine: {error}", "local"))
    return outcome


class _Run:
    """One check, from its options to its outcome."""

    def __init__(self, options: Options, outcome: Outcome, fetch: Fetch) -> None:
        self.options = options
        self.outcome = outcome
        self.findings = outcome.findings
        self.fetch = fetch
        policy = None if options.policy is None else read_policy(options.policy)
        self.trust = Trust.of([options.key, *options.more_keys], policy)
        outcome.origin = self.trust.origin
        self.receipts = [read_receipt(path) for path in options.receipts]

    def check(self) -> None:
        if self.options.url is None:
            if not self.receipts:
                raise CannotCheck("nothing to check: give an address or a receipt", "address")
            return
        site = Site.of(self.fetch, self.options.url, self.trust.origin)
        kept = self._kept()
        served = self._served(site)
        if served is None:
            return
        served = self._witnesses(site, served, kept)
        self.outcome.signed = served
        with replaying(self.findings, self.trust.origin) as replay:
            log = LiveLog(
                site=site,
                trust=self.trust,
                findings=self.findings,
                replay=replay,
                signed=served,
                progress=self.options.progress,
                workers=self.options.workers,
            )
            self._check_log(site, log, replay, kept)

    def check_receipts_alone(self) -> None:
        """What can be said of receipts when the log was not asked, or gave no answer."""
        if not self.outcome.receipts:
            for one in self.receipts:
                verdict = receipts.offline(one, self.trust, self.findings)
                self.outcome.receipts.append(verdict)

    def _kept(self) -> list[Kept]:
        """All checkpoints of earlier; the state's keys are trusted from here on."""
        kept = []
        if self.options.state is not None:
            state = read_state(self.options.state, self.trust.origin)
            if state is not None:
                self.trust.learn(state.keys)
                self.trust.learnt.clear()
                kept.append(open_kept(str(self.options.state), state.checkpoint, self.trust))
        kept += [read_kept(path, self.trust) for path in self.options.kept]
        for one in self.receipts:
            try:
                kept.append(open_kept(one.source, one.proof.checkpoint, self.trust))
            except CannotCheck:
                continue  # The receipt's own check says so.
        return kept

    def _served(self, site: Site) -> Signed | None:
        data = site.note("checkpoint")
        if data is None:
            raise CannotCheck(f"there is no log at {site.log}", "http-status")
        try:
            return self.trust.open(data, witnesses=True)
        except NotSigned as error:
            self.findings.add(error.code, f"the checkpoint: {error}")
            return None

    def _witnesses(self, site: Site, served: Signed, kept: list[Kept]) -> Signed:
        """Ask for the quorum of the policy; the newest checkpoint that is known then."""
        policy = self.trust.policy
        if policy is None or policy.quorum is None:
            return served
        witnessed: Signed | None = served
        if not policy.is_met(served.note):
            witnessed = find_witnessed(site, self.trust, policy, self.findings)
        if witnessed is None:
            return served
        self.outcome.witnessed = witnessed.size, cosigned_times(self.trust, witnessed)
        if witnessed.size > served.size:
            kept.append(Kept("the log's newest checkpoint of a moment ago", served))
            return witnessed
        kept.append(Kept("the log's witnessed checkpoint", witnessed))
        return served

    def _check_log(self, site: Site, log: LiveLog, replay: Replay, kept: list[Kept]) -> None:
        comparison = Comparison(kept, log.signed, self.trust, self.findings)
        log.keep([one.proof.index for one in self.receipts])
        try:
            log.read(comparison)
            if log.complete:
                self._check_shown(site, log, replay, comparison)
            self._check_key(site, log)
        finally:
            check_rules(replay, self.findings)
            self.outcome.counts["entries"] = log.size
            self._tell_forks(comparison.forks)
        self.outcome.signed = log.signed
        self.outcome.learnt += self.trust.learnt
        if log.whole and not comparison.forks:
            self._keep_state(log.signed)

    def _check_key(self, site: Site, log: LiveLog) -> None:
        """The key that the log hands out is one that is trusted, or was announced just now."""
        data = site.note("key")
        if data is None or knows_key(data, self.trust):
            return
        log.refresh()
        if not knows_key(data, self.trust):
            known = " ".join(key.format() for key in self.trust.keys)
            shown = data.decode("utf-8", "replace").strip()[:500]
            self.findings.add("key-served", log=known, shown=shown)

    def _check_shown(
        self, site: Site, log: LiveLog, replay: Replay, comparison: Comparison
    ) -> None:
        walls = Walls(site, log, replay, self.findings, self.options.progress)
        counts = self.outcome.counts
        try:
            products = walls.list_products()
            walls.check_export()
            counts.update(reviews=walls.reviews, texts=walls.shown.texts)
            walls.check_products(products)
            counts["products"] = walls.products
        except CannotCheck as error:
            self.findings.could_not(error)
        for one in self.receipts:
            doubt = comparison.doubt_about(one.source)
            self.outcome.receipts.append(self._receipt(one, site, log, replay, walls.shown, doubt))

    def _receipt(
        self,
        one: WriterReceipt,
        site: Site,
        log: LiveLog,
        replay: Replay,
        shown: Shown,
        doubt: CannotCheck | None,
    ) -> Verdict:
        index, old = one.proof.index, log.size
        leaf = log.leaves.get(index)
        fields = _fields(leaf)
        seen, apart = None, Findings()
        if type(fields.get("review")) is str:
            own = Shown(replay, apart, shown.insurer)
            try:
                seen = self._review(fields["review"], index, site, log, own)
            except CannotCheck as error:
                self.findings.could_not(CannotCheck(f"{one.source}: {error}", "receipt"))
        self.findings.take(apart)
        texts: list[Text] = []
        if type(fields.get("item")) is str:
            sizes = moments(replay, fields["item"], old, log.size)
            states = [text_as_of(replay, fields["item"], size) for size in sizes]
            texts = [state for state in states if state is not None]
        verdict = receipts.online(one, leaf, self.trust, doubt, texts, seen, self.findings)
        # The same may have been found on a wall already, where it was not about this receipt.
        return receipts.tampered(one) if apart.count and doubt is None else verdict

    def _review(
        self, name: str, index: int, site: Site, log: LiveLog, shown: Shown
    ) -> Mapping[str, Any] | None:
        """What the shop shows at the review ``name`` of entry ``index``: the review that was asked
        for, with that entry in it. ``shown`` notes what it is not."""
        findings, old = shown.findings, log.size
        try:
            value = site.review(name)
        except Unreadable as error:
            findings.add("shown-malformed", str(error), index=index)
            return None
        if value is None:
            findings.add("review-hidden", f"entry {index}: {name} is not shown", index=index)
            return None
        place = shown.check(value, Span(old, log.refresh()))
        if place is None:
            return None  # That is noted already.
        seen = _text_at(value, index)
        if value.get("id") != name or seen is None:
            findings.add(
                "review-swapped",
                f"entry {index}: at the address of {name} stands the review "
                f"{brief(value.get('id'))} of entry {place}"
                + ("" if seen else ", without the text of this one"),
                index=index,
                log=name,
                shown=value.get("id"),
            )
        return seen

    def _tell_forks(self, forks: Sequence[Fork]) -> None:
        folder = self.options.evidence or (self.options.state or Path("state")).parent
        for fork in forks:
            try:
                self.outcome.evidence.append(write_evidence(folder, fork))
            except CannotCheck as error:
                self.findings.could_not(error)

    def _keep_state(self, signed: Signed) -> None:
        if self.options.state is None:
            return
        keys = tuple(key.format() for key in self.trust.keys)
        try:
            write_state(self.options.state, State(self.trust.origin, signed.text, keys))
        except CannotCheck as error:
            self.findings.could_not(error)


def _fields(leaf: bytes | None) -> Mapping[str, Any]:
    try:
        value = None if leaf is None else loads(leaf, MAX_LEAF)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _text_at(review: Any, index: int) -> Mapping[str, Any] | None:
    """The text under a shown review that entry ``index`` published."""
    try:
        reply = review["reply"]
        texts = [review, *review["follow_ups"], *(reply["versions"] if reply else ())]
        found = [text for text in texts if text["log"]["index"] == index]
    except (KeyError, TypeError):
        return None
    return found[0] if found else None
