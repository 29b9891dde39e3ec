CREATE TABLE insurance_reviews_log (
	id INTEGER NOT NULL,
	insurer TEXT NOT NULL,
	origin TEXT NOT NULL,
	at INTEGER NOT NULL,
	verifier_key TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_log PRIMARY KEY (id),
	CONSTRAINT uq_insurance_reviews_log_insurer UNIQUE (insurer),
	CONSTRAINT uq_insurance_reviews_log_origin UNIQUE (origin)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_insurer (
	slug TEXT NOT NULL,
	name TEXT NOT NULL,
	name_en TEXT,
	created_at INTEGER NOT NULL,
	CONSTRAINT pk_insurance_reviews_insurer PRIMARY KEY (slug)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_storefront (
	slug TEXT NOT NULL,
	name TEXT NOT NULL,
	origins TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	CONSTRAINT pk_insurance_reviews_storefront PRIMARY KEY (slug)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_token (
	hash TEXT NOT NULL CONSTRAINT ck_insurance_reviews_token_hash_length CHECK (length(hash) = 64),
	role TEXT NOT NULL CONSTRAINT ck_insurance_reviews_token_role_known CHECK (role IN ('storefront', 'insurer', 'compliance', 'regulator')),
	subject TEXT NOT NULL,
	label TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	revoked_at INTEGER,
	CONSTRAINT pk_insurance_reviews_token PRIMARY KEY (hash)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_outbox (
	id TEXT NOT NULL,
	kind TEXT NOT NULL,
	payload TEXT,
	created_at INTEGER NOT NULL,
	due_at INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	done_at INTEGER,
	error TEXT,
	CONSTRAINT pk_insurance_reviews_outbox PRIMARY KEY (id)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE INDEX ix_insurance_reviews_outbox_done_at_due_at ON insurance_reviews_outbox (done_at, due_at)
-- next
CREATE TABLE insurance_reviews_log_entry (
	log INTEGER NOT NULL,
	idx INTEGER NOT NULL CONSTRAINT ck_insurance_reviews_log_entry_idx_range CHECK (idx >= 0),
	leaf BLOB NOT NULL CONSTRAINT ck_insurance_reviews_log_entry_leaf_length CHECK (length(leaf) BETWEEN 1 AND 65535),
	CONSTRAINT pk_insurance_reviews_log_entry PRIMARY KEY (log, idx),
	CONSTRAINT fk_insurance_reviews_log_entry_log FOREIGN KEY(log) REFERENCES insurance_reviews_log (id)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_log_node (
	log INTEGER NOT NULL,
	level INTEGER NOT NULL,
	idx INTEGER NOT NULL,
	hash BLOB NOT NULL CONSTRAINT ck_insurance_reviews_log_node_hash_length CHECK (length(hash) = 32),
	CONSTRAINT pk_insurance_reviews_log_node PRIMARY KEY (log, level, idx),
	CONSTRAINT fk_insurance_reviews_log_node_log FOREIGN KEY(log) REFERENCES insurance_reviews_log (id)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_log_checkpoint (
	log INTEGER NOT NULL,
	size INTEGER NOT NULL,
	root BLOB NOT NULL CONSTRAINT ck_insurance_reviews_log_checkpoint_root_length CHECK (length(root) = 32),
	note TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_log_checkpoint PRIMARY KEY (log, size),
	CONSTRAINT fk_insurance_reviews_log_checkpoint_log FOREIGN KEY(log) REFERENCES insurance_reviews_log (id)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_product (
	sku TEXT NOT NULL,
	insurer TEXT NOT NULL,
	name TEXT NOT NULL,
	name_en TEXT,
	stages TEXT NOT NULL,
	aspects TEXT,
	created_at INTEGER NOT NULL,
	CONSTRAINT pk_insurance_reviews_product PRIMARY KEY (sku),
	CONSTRAINT fk_insurance_reviews_product_insurer FOREIGN KEY(insurer) REFERENCES insurance_reviews_insurer (slug)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE INDEX ix_insurance_reviews_product_insurer ON insurance_reviews_product (insurer)
-- next
CREATE TABLE insurance_reviews_policy (
	number_hash TEXT NOT NULL CONSTRAINT ck_insurance_reviews_policy_number_hash_length CHECK (length(number_hash) = 64),
	insurer TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_policy PRIMARY KEY (number_hash),
	CONSTRAINT fk_insurance_reviews_policy_insurer FOREIGN KEY(insurer) REFERENCES insurance_reviews_insurer (slug)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_storefront_grant (
	storefront TEXT NOT NULL,
	insurer TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_storefront_grant PRIMARY KEY (storefront, insurer),
	CONSTRAINT fk_insurance_reviews_storefront_grant_storefront FOREIGN KEY(storefront) REFERENCES insurance_reviews_storefront (slug),
	CONSTRAINT fk_insurance_reviews_storefront_grant_insurer FOREIGN KEY(insurer) REFERENCES insurance_reviews_insurer (slug)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_item (
	id TEXT NOT NULL,
	log INTEGER NOT NULL,
	entry INTEGER NOT NULL,
	kind TEXT NOT NULL CONSTRAINT ck_insurance_reviews_item_kind_known CHECK (kind IN ('review', 'follow_up', 'reply', 'reasons', 'redacted')),
	commitment TEXT NOT NULL CONSTRAINT ck_insurance_reviews_item_commitment_length CHECK (length(commitment) = 64),
	author TEXT CONSTRAINT ck_insurance_reviews_item_author_length CHECK (length(author) = 64),
	CONSTRAINT pk_insurance_reviews_item PRIMARY KEY (id),
	CONSTRAINT fk_insurance_reviews_item_log_entry FOREIGN KEY(log, entry) REFERENCES insurance_reviews_log_entry (log, idx),
	CONSTRAINT uq_insurance_reviews_item_log_entry UNIQUE (log, entry)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_policy_event (
	id TEXT NOT NULL,
	policy TEXT NOT NULL,
	stage TEXT NOT NULL CONSTRAINT ck_insurance_reviews_policy_event_stage_known CHECK (stage IN ('underwriting', 'renewal', 'claim')),
	occurrence TEXT NOT NULL,
	product TEXT NOT NULL,
	occurred_on TEXT NOT NULL,
	storefront TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	CONSTRAINT pk_insurance_reviews_policy_event PRIMARY KEY (id),
	CONSTRAINT uq_insurance_reviews_policy_event_policy_stage_occurrence UNIQUE (policy, stage, occurrence),
	CONSTRAINT fk_insurance_reviews_policy_event_policy FOREIGN KEY(policy) REFERENCES insurance_reviews_policy (number_hash),
	CONSTRAINT fk_insurance_reviews_policy_event_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_review_count (
	product TEXT NOT NULL,
	stage TEXT NOT NULL,
	score INTEGER NOT NULL,
	has_text INTEGER NOT NULL,
	n INTEGER NOT NULL,
	CONSTRAINT pk_insurance_reviews_review_count PRIMARY KEY (product, stage, score, has_text),
	CONSTRAINT fk_insurance_reviews_review_count_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_aspect_count (
	product TEXT NOT NULL,
	stage TEXT NOT NULL,
	aspect TEXT NOT NULL,
	n INTEGER NOT NULL,
	total INTEGER NOT NULL,
	CONSTRAINT pk_insurance_reviews_aspect_count PRIMARY KEY (product, stage, aspect),
	CONSTRAINT fk_insurance_reviews_aspect_count_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_invitation_count (
	product TEXT NOT NULL,
	stage TEXT NOT NULL,
	n INTEGER NOT NULL,
	CONSTRAINT pk_insurance_reviews_invitation_count PRIMARY KEY (product, stage),
	CONSTRAINT fk_insurance_reviews_invitation_count_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_reply_delay (
	product TEXT NOT NULL,
	hours INTEGER NOT NULL,
	n INTEGER NOT NULL,
	CONSTRAINT pk_insurance_reviews_reply_delay PRIMARY KEY (product, hours),
	CONSTRAINT fk_insurance_reviews_reply_delay_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_product_state (
	product TEXT NOT NULL,
	revision INTEGER NOT NULL,
	removals INTEGER NOT NULL,
	withdrawals INTEGER NOT NULL,
	CONSTRAINT pk_insurance_reviews_product_state PRIMARY KEY (product),
	CONSTRAINT fk_insurance_reviews_product_state_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_content (
	item TEXT NOT NULL,
	salt BLOB NOT NULL CONSTRAINT ck_insurance_reviews_content_salt_length CHECK (length(salt) = 32),
	body TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_content PRIMARY KEY (item),
	CONSTRAINT fk_insurance_reviews_content_item FOREIGN KEY(item) REFERENCES insurance_reviews_item (id)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_report (
	id TEXT NOT NULL,
	log INTEGER NOT NULL,
	entry INTEGER NOT NULL,
	at INTEGER NOT NULL,
	items TEXT NOT NULL,
	authority TEXT NOT NULL,
	report_no TEXT NOT NULL,
	filed_on TEXT NOT NULL,
	ground TEXT NOT NULL CONSTRAINT ck_insurance_reviews_report_ground_known CHECK (ground IN ('personal_data', 'unlawful_content', 'defamation', 'court_order', 'other')),
	reasons TEXT NOT NULL CONSTRAINT ck_insurance_reviews_report_reasons_length CHECK (length(reasons) = 64),
	reasons_item TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_report PRIMARY KEY (id),
	CONSTRAINT fk_insurance_reviews_report_log_entry FOREIGN KEY(log, entry) REFERENCES insurance_reviews_log_entry (log, idx),
	CONSTRAINT uq_insurance_reviews_report_log_entry UNIQUE (log, entry),
	CONSTRAINT fk_insurance_reviews_report_reasons_item FOREIGN KEY(reasons_item) REFERENCES insurance_reviews_item (id)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_invitation (
	log INTEGER NOT NULL,
	entry INTEGER NOT NULL,
	at INTEGER NOT NULL,
	id TEXT NOT NULL,
	product TEXT NOT NULL,
	stage TEXT NOT NULL CONSTRAINT ck_insurance_reviews_invitation_stage_known CHECK (stage IN ('underwriting', 'renewal', 'claim')),
	event TEXT NOT NULL,
	expires_at INTEGER NOT NULL,
	CONSTRAINT pk_insurance_reviews_invitation PRIMARY KEY (log, entry),
	CONSTRAINT fk_insurance_reviews_invitation_log_entry FOREIGN KEY(log, entry) REFERENCES insurance_reviews_log_entry (log, idx),
	CONSTRAINT uq_insurance_reviews_invitation_id UNIQUE (id),
	CONSTRAINT fk_insurance_reviews_invitation_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku),
	CONSTRAINT uq_insurance_reviews_invitation_event UNIQUE (event),
	CONSTRAINT fk_insurance_reviews_invitation_event FOREIGN KEY(event) REFERENCES insurance_reviews_policy_event (id)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_holder_contact (
	event TEXT NOT NULL,
	name TEXT,
	email TEXT,
	phone TEXT,
	created_at INTEGER NOT NULL,
	CONSTRAINT pk_insurance_reviews_holder_contact PRIMARY KEY (event),
	CONSTRAINT fk_insurance_reviews_holder_contact_event FOREIGN KEY(event) REFERENCES insurance_reviews_policy_event (id)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE INDEX ix_insurance_reviews_holder_contact_created_at ON insurance_reviews_holder_contact (created_at)
-- next
CREATE TABLE insurance_reviews_report_item (
	report TEXT NOT NULL,
	item TEXT NOT NULL,
	log INTEGER NOT NULL,
	authority TEXT NOT NULL,
	report_no TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_report_item PRIMARY KEY (report, item),
	CONSTRAINT uq_insurance_reviews_report_item_log_authority_report_no_item UNIQUE (log, authority, report_no, item),
	CONSTRAINT fk_insurance_reviews_report_item_report FOREIGN KEY(report) REFERENCES insurance_reviews_report (id),
	CONSTRAINT fk_insurance_reviews_report_item_item FOREIGN KEY(item) REFERENCES insurance_reviews_item (id),
	CONSTRAINT fk_insurance_reviews_report_item_log FOREIGN KEY(log) REFERENCES insurance_reviews_log (id)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE INDEX ix_insurance_reviews_report_item_item ON insurance_reviews_report_item (item)
-- next
CREATE TABLE insurance_reviews_acknowledgement (
	log INTEGER NOT NULL,
	entry INTEGER NOT NULL,
	at INTEGER NOT NULL,
	report TEXT NOT NULL,
	verdict TEXT NOT NULL CONSTRAINT ck_insurance_reviews_acknowledgement_verdict_known CHECK (verdict IN ('acknowledged', 'disputed')),
	note TEXT CONSTRAINT ck_insurance_reviews_acknowledgement_note_length CHECK (length(note) = 64),
	note_item TEXT,
	CONSTRAINT pk_insurance_reviews_acknowledgement PRIMARY KEY (log, entry),
	CONSTRAINT fk_insurance_reviews_acknowledgement_log_entry FOREIGN KEY(log, entry) REFERENCES insurance_reviews_log_entry (log, idx),
	CONSTRAINT ck_insurance_reviews_acknowledgement_note_pair CHECK ((note IS NULL) = (note_item IS NULL)),
	CONSTRAINT fk_insurance_reviews_acknowledgement_report FOREIGN KEY(report) REFERENCES insurance_reviews_report (id),
	CONSTRAINT fk_insurance_reviews_acknowledgement_note_item FOREIGN KEY(note_item) REFERENCES insurance_reviews_item (id)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE INDEX ix_insurance_reviews_acknowledgement_report ON insurance_reviews_acknowledgement (report)
-- next
CREATE TABLE insurance_reviews_removal (
	item TEXT NOT NULL,
	log INTEGER NOT NULL,
	entry INTEGER NOT NULL,
	at INTEGER NOT NULL,
	report TEXT,
	author_key TEXT CONSTRAINT ck_insurance_reviews_removal_author_key_length CHECK (length(author_key) = 64),
	redacted TEXT,
	redacted_item TEXT,
	CONSTRAINT pk_insurance_reviews_removal PRIMARY KEY (item),
	CONSTRAINT fk_insurance_reviews_removal_log_entry FOREIGN KEY(log, entry) REFERENCES insurance_reviews_log_entry (log, idx),
	CONSTRAINT uq_insurance_reviews_removal_log_entry UNIQUE (log, entry),
	CONSTRAINT ck_insurance_reviews_removal_one_authority CHECK ((report IS NULL) <> (author_key IS NULL)),
	CONSTRAINT ck_insurance_reviews_removal_redacted_pair CHECK ((redacted IS NULL) = (redacted_item IS NULL)),
	CONSTRAINT ck_insurance_reviews_removal_withdrawal_whole CHECK (author_key IS NULL OR redacted IS NULL),
	CONSTRAINT fk_insurance_reviews_removal_item FOREIGN KEY(item) REFERENCES insurance_reviews_item (id),
	CONSTRAINT fk_insurance_reviews_removal_report FOREIGN KEY(report) REFERENCES insurance_reviews_report (id),
	CONSTRAINT uq_insurance_reviews_removal_redacted_item UNIQUE (redacted_item),
	CONSTRAINT fk_insurance_reviews_removal_redacted_item FOREIGN KEY(redacted_item) REFERENCES insurance_reviews_item (id)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_review (
	log INTEGER NOT NULL,
	entry INTEGER NOT NULL,
	at INTEGER NOT NULL,
	id TEXT NOT NULL,
	invitation TEXT NOT NULL,
	product TEXT NOT NULL,
	stage TEXT NOT NULL CONSTRAINT ck_insurance_reviews_review_stage_known CHECK (stage IN ('underwriting', 'renewal', 'claim')),
	channel TEXT NOT NULL CONSTRAINT ck_insurance_reviews_review_channel_known CHECK (channel IN ('online')),
	score INTEGER NOT NULL CONSTRAINT ck_insurance_reviews_review_score_range CHECK (score BETWEEN 1 AND 5),
	aspects TEXT NOT NULL,
	item TEXT,
	commitment TEXT CONSTRAINT ck_insurance_reviews_review_commitment_length CHECK (length(commitment) = 64),
	author TEXT NOT NULL CONSTRAINT ck_insurance_reviews_review_author_length CHECK (length(author) = 64),
	experienced TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_review PRIMARY KEY (log, entry),
	CONSTRAINT fk_insurance_reviews_review_log_entry FOREIGN KEY(log, entry) REFERENCES insurance_reviews_log_entry (log, idx),
	CONSTRAINT ck_insurance_reviews_review_text_pair CHECK ((item IS NULL) = (commitment IS NULL)),
	CONSTRAINT uq_insurance_reviews_review_id UNIQUE (id),
	CONSTRAINT uq_insurance_reviews_review_invitation UNIQUE (invitation),
	CONSTRAINT fk_insurance_reviews_review_invitation FOREIGN KEY(invitation) REFERENCES insurance_reviews_invitation (id),
	CONSTRAINT fk_insurance_reviews_review_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku),
	CONSTRAINT uq_insurance_reviews_review_item UNIQUE (item),
	CONSTRAINT fk_insurance_reviews_review_item FOREIGN KEY(item) REFERENCES insurance_reviews_item (id)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE INDEX ix_insurance_reviews_review_product ON insurance_reviews_review (product, entry)
-- next
CREATE INDEX ix_insurance_reviews_review_stage_score ON insurance_reviews_review (product, stage, score, entry)
-- next
CREATE INDEX ix_insurance_reviews_review_score ON insurance_reviews_review (product, score, entry)
-- next
CREATE INDEX ix_insurance_reviews_review_stage ON insurance_reviews_review (product, stage, entry)
-- next
CREATE TABLE insurance_reviews_follow_up (
	log INTEGER NOT NULL,
	entry INTEGER NOT NULL,
	at INTEGER NOT NULL,
	review TEXT NOT NULL,
	item TEXT NOT NULL,
	commitment TEXT NOT NULL CONSTRAINT ck_insurance_reviews_follow_up_commitment_length CHECK (length(commitment) = 64),
	CONSTRAINT pk_insurance_reviews_follow_up PRIMARY KEY (log, entry),
	CONSTRAINT fk_insurance_reviews_follow_up_log_entry FOREIGN KEY(log, entry) REFERENCES insurance_reviews_log_entry (log, idx),
	CONSTRAINT fk_insurance_reviews_follow_up_review FOREIGN KEY(review) REFERENCES insurance_reviews_review (id),
	CONSTRAINT uq_insurance_reviews_follow_up_item UNIQUE (item),
	CONSTRAINT fk_insurance_reviews_follow_up_item FOREIGN KEY(item) REFERENCES insurance_reviews_item (id)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE INDEX ix_insurance_reviews_follow_up_review ON insurance_reviews_follow_up (review)
-- next
CREATE TABLE insurance_reviews_reply (
	log INTEGER NOT NULL,
	entry INTEGER NOT NULL,
	at INTEGER NOT NULL,
	review TEXT NOT NULL,
	version INTEGER NOT NULL,
	item TEXT NOT NULL,
	commitment TEXT NOT NULL CONSTRAINT ck_insurance_reviews_reply_commitment_length CHECK (length(commitment) = 64),
	CONSTRAINT pk_insurance_reviews_reply PRIMARY KEY (log, entry),
	CONSTRAINT fk_insurance_reviews_reply_log_entry FOREIGN KEY(log, entry) REFERENCES insurance_reviews_log_entry (log, idx),
	CONSTRAINT uq_insurance_reviews_reply_review_version UNIQUE (review, version),
	CONSTRAINT fk_insurance_reviews_reply_review FOREIGN KEY(review) REFERENCES insurance_reviews_review (id),
	CONSTRAINT uq_insurance_reviews_reply_item UNIQUE (item),
	CONSTRAINT fk_insurance_reviews_reply_item FOREIGN KEY(item) REFERENCES insurance_reviews_item (id)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TRIGGER insurance_reviews_log_no_update BEFORE UPDATE ON insurance_reviews_log
BEGIN SELECT RAISE(ABORT, 'IR001 log: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_log_no_delete BEFORE DELETE ON insurance_reviews_log
BEGIN SELECT RAISE(ABORT, 'IR001 log: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_log_no_replace BEFORE INSERT ON insurance_reviews_log
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_log WHERE (id = NEW.id) OR (insurer = NEW.insurer) OR (origin = NEW.origin))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR002 log: a row with this key exists'); END
-- next
CREATE TRIGGER insurance_reviews_log_entry_no_update BEFORE UPDATE ON insurance_reviews_log_entry
BEGIN SELECT RAISE(ABORT, 'IR001 log_entry: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_log_entry_no_delete BEFORE DELETE ON insurance_reviews_log_entry
BEGIN SELECT RAISE(ABORT, 'IR001 log_entry: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_log_node_no_update BEFORE UPDATE ON insurance_reviews_log_node
BEGIN SELECT RAISE(ABORT, 'IR001 log_node: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_log_node_no_delete BEFORE DELETE ON insurance_reviews_log_node
BEGIN SELECT RAISE(ABORT, 'IR001 log_node: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_log_node_no_replace BEFORE INSERT ON insurance_reviews_log_node
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_log_node WHERE (log = NEW.log AND level = NEW.level AND idx = NEW.idx))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR002 log_node: a row with this key exists'); END
-- next
CREATE TRIGGER insurance_reviews_log_checkpoint_no_update BEFORE UPDATE ON insurance_reviews_log_checkpoint
BEGIN SELECT RAISE(ABORT, 'IR001 log_checkpoint: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_log_checkpoint_no_delete BEFORE DELETE ON insurance_reviews_log_checkpoint
BEGIN SELECT RAISE(ABORT, 'IR001 log_checkpoint: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_log_entry_next BEFORE INSERT ON insurance_reviews_log_entry
WHEN (NEW.idx <> coalesce((SELECT max(idx) FROM insurance_reviews_log_entry WHERE log = NEW.log) + 1, 0)) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR004 log_entry: the index is not the next one'); END
-- next
CREATE TRIGGER insurance_reviews_log_entry_opened BEFORE INSERT ON insurance_reviews_log_entry
WHEN ((NEW.idx = 0) <> ((SELECT value FROM json_each(CAST(NEW.leaf AS TEXT)) WHERE key = 'type') = 'log.opened') OR NEW.idx = 0 AND NOT EXISTS (SELECT 1 FROM insurance_reviews_log l WHERE l.id = NEW.log AND NEW.leaf = CAST('{"at":' || coalesce(CAST(l.at AS TEXT), 'null')
  || ',"insurer":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(l.insurer, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"origin":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(l.origin, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"type":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace('log.opened', '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"v":' || coalesce(CAST(1 AS TEXT), 'null') || '}' AS BLOB))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR003 log_entry: entry 0, and no other, opens the log'); END
-- next
CREATE TRIGGER insurance_reviews_log_entry_time BEFORE INSERT ON insurance_reviews_log_entry
WHEN ((SELECT value FROM json_each(CAST(NEW.leaf AS TEXT)) WHERE key = 'at' AND type = 'integer') / 3600 * 3600 <> (SELECT value FROM json_each(CAST(NEW.leaf AS TEXT)) WHERE key = 'at' AND type = 'integer') OR (SELECT value FROM json_each(CAST(NEW.leaf AS TEXT)) WHERE key = 'at' AND type = 'integer') < coalesce((SELECT (SELECT value FROM json_each(CAST(p.leaf AS TEXT)) WHERE key = 'at' AND type = 'integer') FROM insurance_reviews_log_entry p WHERE p.log = NEW.log AND p.idx = NEW.idx - 1), 0)) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR018 log_entry: the time is impossible'); END
-- next
CREATE TRIGGER insurance_reviews_log_checkpoint_grows BEFORE INSERT ON insurance_reviews_log_checkpoint
WHEN (NEW.size <= coalesce((SELECT max(size) FROM insurance_reviews_log_checkpoint WHERE log = NEW.log), 0) OR NEW.size <> coalesce((SELECT max(idx) + 1 FROM insurance_reviews_log_entry WHERE log = NEW.log), 0)) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR005 log_checkpoint: a checkpoint must grow'); END
-- next
CREATE TRIGGER insurance_reviews_log_checkpoint_note BEFORE INSERT ON insurance_reviews_log_checkpoint
WHEN (substr(NEW.note, 1, length((SELECT l.origin || char(10) || NEW.size || char(10) || '' FROM insurance_reviews_log l WHERE l.id = NEW.log))) <> (SELECT l.origin || char(10) || NEW.size || char(10) || '' FROM insurance_reviews_log l WHERE l.id = NEW.log)) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR005 log_checkpoint: the note is of another tree'); END
-- next
CREATE TRIGGER insurance_reviews_log_node_place BEFORE INSERT ON insurance_reviews_log_node
WHEN (NEW.level NOT BETWEEN 0 AND 47 OR NEW.idx < 0 OR ((NEW.idx + 1) << NEW.level) > coalesce((SELECT max(idx) + 1 FROM insurance_reviews_log_entry WHERE log = NEW.log), 0) OR NEW.level > 0 AND (SELECT count(*) FROM insurance_reviews_log_node WHERE log = NEW.log AND level = NEW.level - 1 AND idx IN (NEW.idx * 2, NEW.idx * 2 + 1)) <> 2) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR005 log_node: the subtree is not complete'); END
-- next
CREATE TRIGGER insurance_reviews_item_no_update BEFORE UPDATE ON insurance_reviews_item
BEGIN SELECT RAISE(ABORT, 'IR001 item: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_item_no_delete BEFORE DELETE ON insurance_reviews_item
BEGIN SELECT RAISE(ABORT, 'IR001 item: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_item_no_replace BEFORE INSERT ON insurance_reviews_item
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_item WHERE (id = NEW.id) OR (log = NEW.log AND entry = NEW.entry))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR002 item: a row with this key exists'); END
-- next
CREATE TRIGGER insurance_reviews_item_leaf BEFORE INSERT ON insurance_reviews_item
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND (
  (NEW.kind = 'review' AND (SELECT value FROM json_each(CAST(e.leaf AS TEXT)) WHERE key = 'type') = 'review.submitted' AND (SELECT value FROM json_each(CAST(e.leaf AS TEXT)) WHERE key = 'item') = NEW.id AND (SELECT value FROM json_each(CAST(e.leaf AS TEXT)) WHERE key = 'commitment') = NEW.commitment AND (SELECT value FROM json_each(CAST(e.leaf AS TEXT)) WHERE key = 'author') IS NEW.author)
  OR (NEW.kind = 'follow_up' AND (SELECT value FROM json_each(CAST(e.leaf AS TEXT)) WHERE key = 'type') = 'followup.published' AND (SELECT value FROM json_each(CAST(e.leaf AS TEXT)) WHERE key = 'item') = NEW.id AND (SELECT value FROM json_each(CAST(e.leaf AS TEXT)) WHERE key = 'commitment') = NEW.commitment AND NEW.author IS NOT NULL)
  OR (NEW.kind = 'reply' AND (SELECT value FROM json_each(CAST(e.leaf AS TEXT)) WHERE key = 'type') = 'reply.published' AND (SELECT value FROM json_each(CAST(e.leaf AS TEXT)) WHERE key = 'item') = NEW.id AND (SELECT value FROM json_each(CAST(e.leaf AS TEXT)) WHERE key = 'commitment') = NEW.commitment AND NEW.author IS NULL)
  OR (NEW.kind = 'reasons' AND NEW.author IS NULL AND (((SELECT value FROM json_each(CAST(e.leaf AS TEXT)) WHERE key = 'type') = 'report.filed' AND (SELECT value FROM json_each(CAST(e.leaf AS TEXT)) WHERE key = 'reasons') = NEW.commitment) OR ((SELECT value FROM json_each(CAST(e.leaf AS TEXT)) WHERE key = 'type') = 'report.acknowledged' AND (SELECT value FROM json_each(CAST(e.leaf AS TEXT)) WHERE key = 'note') = NEW.commitment)))
  OR (NEW.kind = 'redacted' AND (SELECT value FROM json_each(CAST(e.leaf AS TEXT)) WHERE key = 'type') = 'text.removed' AND (SELECT value FROM json_each(CAST(e.leaf AS TEXT), '$.redacted') WHERE key = 'item') = NEW.id AND (SELECT value FROM json_each(CAST(e.leaf AS TEXT), '$.redacted') WHERE key = 'commitment') = NEW.commitment AND EXISTS (SELECT 1 FROM insurance_reviews_item o WHERE o.id = (SELECT value FROM json_each(CAST(e.leaf AS TEXT)) WHERE key = 'item') AND o.author IS NEW.author))))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR006 item: the item differs from its log entry'); END
-- next
CREATE TRIGGER insurance_reviews_report_no_update BEFORE UPDATE ON insurance_reviews_report
BEGIN SELECT RAISE(ABORT, 'IR001 report: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_report_no_delete BEFORE DELETE ON insurance_reviews_report
BEGIN SELECT RAISE(ABORT, 'IR001 report: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_report_no_replace BEFORE INSERT ON insurance_reviews_report
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_report WHERE (id = NEW.id) OR (log = NEW.log AND entry = NEW.entry))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR002 report: a row with this key exists'); END
-- next
CREATE TRIGGER insurance_reviews_report_leaf BEFORE INSERT ON insurance_reviews_report
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND e.leaf = CAST('{"at":' || coalesce(CAST(NEW.at AS TEXT), 'null')
  || ',"authority":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.authority, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"filed_on":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.filed_on, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"ground":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.ground, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"items":' || coalesce(NEW.items, 'null')
  || ',"reasons":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.reasons, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"report":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.id, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"report_no":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.report_no, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"type":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace('report.filed', '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"v":' || coalesce(CAST(1 AS TEXT), 'null') || '}' AS BLOB))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR003 report: the row differs from its log entry'); END
-- next
CREATE TRIGGER insurance_reviews_report_items BEFORE INSERT ON insurance_reviews_report
WHEN (NEW.items <> ('[' || (SELECT group_concat('"' || value || '"') FROM json_each(NEW.items)) || ']')) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR016 report: the items are no plain list'); END
-- next
CREATE TRIGGER insurance_reviews_report_reasons BEFORE INSERT ON insurance_reviews_report
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_item i WHERE i.id = NEW.reasons_item AND i.kind = 'reasons' AND i.log = NEW.log AND i.entry = NEW.entry)) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR014 report: the reasons are another item'); END
-- next
CREATE TRIGGER insurance_reviews_report_item_no_update BEFORE UPDATE ON insurance_reviews_report_item
BEGIN SELECT RAISE(ABORT, 'IR001 report_item: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_report_item_no_delete BEFORE DELETE ON insurance_reviews_report_item
BEGIN SELECT RAISE(ABORT, 'IR001 report_item: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_report_item_no_replace BEFORE INSERT ON insurance_reviews_report_item
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_report_item WHERE (report = NEW.report AND item = NEW.item) OR (log = NEW.log AND authority = NEW.authority AND report_no = NEW.report_no AND item = NEW.item))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR002 report_item: a row with this key exists'); END
-- next
CREATE TRIGGER insurance_reviews_report_item_named BEFORE INSERT ON insurance_reviews_report_item
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_report r JOIN insurance_reviews_item i ON i.id = NEW.item AND i.log = r.log JOIN insurance_reviews_content c ON c.item = i.id WHERE r.id = NEW.report AND r.log = NEW.log AND r.authority = NEW.authority AND r.report_no = NEW.report_no AND EXISTS (SELECT 1 FROM json_each(r.items) WHERE value = NEW.item))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR007 report_item: the report does not name this present text'); END
-- next
CREATE TRIGGER insurance_reviews_acknowledgement_no_update BEFORE UPDATE ON insurance_reviews_acknowledgement
BEGIN SELECT RAISE(ABORT, 'IR001 acknowledgement: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_acknowledgement_no_delete BEFORE DELETE ON insurance_reviews_acknowledgement
BEGIN SELECT RAISE(ABORT, 'IR001 acknowledgement: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_acknowledgement_no_replace BEFORE INSERT ON insurance_reviews_acknowledgement
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_acknowledgement WHERE (log = NEW.log AND entry = NEW.entry))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR002 acknowledgement: a row with this key exists'); END
-- next
CREATE TRIGGER insurance_reviews_acknowledgement_leaf BEFORE INSERT ON insurance_reviews_acknowledgement
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND e.leaf = CAST('{"at":' || coalesce(CAST(NEW.at AS TEXT), 'null')
  || ',"note":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.note, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"report":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.report, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"type":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace('report.acknowledged', '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"v":' || coalesce(CAST(1 AS TEXT), 'null')
  || ',"verdict":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.verdict, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null') || '}' AS BLOB))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR003 acknowledgement: the row differs from its log entry'); END
-- next
CREATE TRIGGER insurance_reviews_acknowledgement_report BEFORE INSERT ON insurance_reviews_acknowledgement
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_report r WHERE r.id = NEW.report AND r.log = NEW.log)) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR015 acknowledgement: the report is of another log'); END
-- next
CREATE TRIGGER insurance_reviews_acknowledgement_note BEFORE INSERT ON insurance_reviews_acknowledgement
WHEN (NEW.note_item IS NOT NULL AND NOT EXISTS (SELECT 1 FROM insurance_reviews_item i WHERE i.id = NEW.note_item AND i.kind = 'reasons' AND i.log = NEW.log AND i.entry = NEW.entry)) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR014 acknowledgement: the note is another item'); END
-- next
CREATE TRIGGER insurance_reviews_removal_no_update BEFORE UPDATE ON insurance_reviews_removal
BEGIN SELECT RAISE(ABORT, 'IR001 removal: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_removal_no_delete BEFORE DELETE ON insurance_reviews_removal
BEGIN SELECT RAISE(ABORT, 'IR001 removal: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_removal_no_replace BEFORE INSERT ON insurance_reviews_removal
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_removal WHERE (item = NEW.item) OR (log = NEW.log AND entry = NEW.entry) OR (redacted_item = NEW.redacted_item))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR002 removal: a row with this key exists'); END
-- next
CREATE TRIGGER insurance_reviews_removal_leaf BEFORE INSERT ON insurance_reviews_removal
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND e.leaf = CAST('{"at":' || coalesce(CAST(NEW.at AS TEXT), 'null')
  || ',"author_key":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.author_key, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"item":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.item, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"redacted":' || coalesce(NEW.redacted, 'null')
  || ',"report":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.report, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"type":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace('text.removed', '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"v":' || coalesce(CAST(1 AS TEXT), 'null') || '}' AS BLOB))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR003 removal: the row differs from its log entry'); END
-- next
CREATE TRIGGER insurance_reviews_removal_reported BEFORE INSERT ON insurance_reviews_removal
WHEN (NEW.report IS NOT NULL AND NOT EXISTS (SELECT 1 FROM insurance_reviews_report_item n WHERE n.report = NEW.report AND n.item = NEW.item AND n.log = NEW.log) AND NOT EXISTS (SELECT 1 FROM insurance_reviews_report r WHERE r.id = NEW.report AND r.reasons_item = NEW.item AND r.log = NEW.log) AND NOT EXISTS (SELECT 1 FROM insurance_reviews_acknowledgement a WHERE a.report = NEW.report AND a.note_item = NEW.item AND a.log = NEW.log)) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR010 removal: no report names this text'); END
-- next
CREATE TRIGGER insurance_reviews_removal_author BEFORE INSERT ON insurance_reviews_removal
WHEN (NEW.author_key IS NOT NULL AND (NEW.author_key GLOB '*[^0-9a-f]*' OR (WITH RECURSIVE
  digit(i) AS (VALUES (1),(2),(3),(4),(5),(6),(7),(8)),
  place(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM place WHERE i<31),
  m(i,v) AS MATERIALIZED (SELECT place.i, sum((instr('0123456789abcdef',
    substr('696e737572616e63652d726576696577732f617574686f722f763100' || NEW.author_key || '80000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001e0', place.i*8+digit.i, 1))-1) << (32-4*digit.i))
    FROM place, digit GROUP BY place.i),
  k(i,v) AS MATERIALIZED (VALUES (0,1116352408),(1,1899447441),(2,3049323471),(3,3921009573),(4,961987163),(5,1508970993),(6,2453635748),(7,2870763221),(8,3624381080),(9,310598401),(10,607225278),(11,1426881987),(12,1925078388),(13,2162078206),(14,2614888103),(15,3248222580),(16,3835390401),(17,4022224774),(18,264347078),(19,604807628),(20,770255983),(21,1249150122),(22,1555081692),(23,1996064986),(24,2554220882),(25,2821834349),(26,2952996808),(27,3210313671),(28,3336571891),(29,3584528711),(30,113926993),(31,338241895),(32,666307205),(33,773529912),(34,1294757372),(35,1396182291),(36,1695183700),(37,1986661051),(38,2177026350),(39,2456956037),(40,2730485921),(41,2820302411),(42,3259730800),(43,3345764771),(44,3516065817),(45,3600352804),(46,4094571909),(47,275423344),(48,430227734),(49,506948616),(50,659060556),(51,883997877),(52,958139571),(53,1322822218),(54,1537002063),(55,1747873779),(56,1955562222),(57,2024104815),(58,2227730452),(59,2361852424),(60,2428436474),(61,2756734187),(62,3204031479),(63,3329325298)),
  state(step,w,a,b,c,d,e,f,g,h,h0,h1,h2,h3,h4,h5,h6,h7,w0,w1,w2,w3,w4,w5,w6,w7,w8,w9,w10,w11,w12,w13,w14,w15) AS (SELECT 0,0,1779033703,3144134277,1013904242,2773480762,1359893119,2600822924,528734635,1541459225,1779033703,3144134277,1013904242,2773480762,1359893119,2600822924,528734635,1541459225,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0 UNION ALL
    SELECT step+1,CASE WHEN step%2=0 THEN CASE WHEN step%128<32 THEN m.v ELSE (((((((((w14>>17)|(w14<<15))&4294967295)|(((w14>>19)|(w14<<13))&4294967295))-((((w14>>17)|(w14<<15))&4294967295)&(((w14>>19)|(w14<<13))&4294967295)))|(w14>>10))-((((((w14>>17)|(w14<<15))&4294967295)|(((w14>>19)|(w14<<13))&4294967295))-((((w14>>17)|(w14<<15))&4294967295)&(((w14>>19)|(w14<<13))&4294967295)))&(w14>>10)))+w9+(((((((w1>>7)|(w1<<25))&4294967295)|(((w1>>18)|(w1<<14))&4294967295))-((((w1>>7)|(w1<<25))&4294967295)&(((w1>>18)|(w1<<14))&4294967295)))|(w1>>3))-((((((w1>>7)|(w1<<25))&4294967295)|(((w1>>18)|(w1<<14))&4294967295))-((((w1>>7)|(w1<<25))&4294967295)&(((w1>>18)|(w1<<14))&4294967295)))&(w1>>3)))+w0)&4294967295) END ELSE w END,CASE WHEN step%2=0 THEN a WHEN step%128=127 THEN (h0+(((h+(((((((e>>6)|(e<<26))&4294967295)|(((e>>11)|(e<<21))&4294967295))-((((e>>6)|(e<<26))&4294967295)&(((e>>11)|(e<<21))&4294967295)))|(((e>>25)|(e<<7))&4294967295))-((((((e>>6)|(e<<26))&4294967295)|(((e>>11)|(e<<21))&4294967295))-((((e>>6)|(e<<26))&4294967295)&(((e>>11)|(e<<21))&4294967295)))&(((e>>25)|(e<<7))&4294967295)))+((((g|(e&((f|g)-(f&g))))-(g&(e&((f|g)-(f&g)))))))+k.v+w)+((((((((a>>2)|(a<<30))&4294967295)|(((a>>13)|(a<<19))&4294967295))-((((a>>2)|(a<<30))&4294967295)&(((a>>13)|(a<<19))&4294967295)))|(((a>>22)|(a<<10))&4294967295))-((((((a>>2)|(a<<30))&4294967295)|(((a>>13)|(a<<19))&4294967295))-((((a>>2)|(a<<30))&4294967295)&(((a>>13)|(a<<19))&4294967295)))&(((a>>22)|(a<<10))&4294967295)))+((a&b)|(a&c)|(b&c))))&4294967295))&4294967295 ELSE (((h+(((((((e>>6)|(e<<26))&4294967295)|(((e>>11)|(e<<21))&4294967295))-((((e>>6)|(e<<26))&4294967295)&(((e>>11)|(e<<21))&4294967295)))|(((e>>25)|(e<<7))&4294967295))-((((((e>>6)|(e<<26))&4294967295)|(((e>>11)|(e<<21))&4294967295))-((((e>>6)|(e<<26))&4294967295)&(((e>>11)|(e<<21))&4294967295)))&(((e>>25)|(e<<7))&4294967295)))+((((g|(e&((f|g)-(f&g))))-(g&(e&((f|g)-(f&g)))))))+k.v+w)+((((((((a>>2)|(a<<30))&4294967295)|(((a>>13)|(a<<19))&4294967295))-((((a>>2)|(a<<30))&4294967295)&(((a>>13)|(a<<19))&4294967295)))|(((a>>22)|(a<<10))&4294967295))-((((((a>>2)|(a<<30))&4294967295)|(((a>>13)|(a<<19))&4294967295))-((((a>>2)|(a<<30))&4294967295)&(((a>>13)|(a<<19))&4294967295)))&(((a>>22)|(a<<10))&4294967295)))+((a&b)|(a&c)|(b&c))))&4294967295) END,CASE WHEN step%2=0 THEN b WHEN step%128=127 THEN (h1+a)&4294967295 ELSE a END,CASE WHEN step%2=0 THEN c WHEN step%128=127 THEN (h2+b)&4294967295 ELSE b END,CASE WHEN step%2=0 THEN d WHEN step%128=127 THEN (h3+c)&4294967295 ELSE c END,CASE WHEN step%2=0 THEN e WHEN step%128=127 THEN (h4+((d+(h+(((((((e>>6)|(e<<26))&4294967295)|(((e>>11)|(e<<21))&4294967295))-((((e>>6)|(e<<26))&4294967295)&(((e>>11)|(e<<21))&4294967295)))|(((e>>25)|(e<<7))&4294967295))-((((((e>>6)|(e<<26))&4294967295)|(((e>>11)|(e<<21))&4294967295))-((((e>>6)|(e<<26))&4294967295)&(((e>>11)|(e<<21))&4294967295)))&(((e>>25)|(e<<7))&4294967295)))+((((g|(e&((f|g)-(f&g))))-(g&(e&((f|g)-(f&g)))))))+k.v+w))&4294967295))&4294967295 ELSE ((d+(h+(((((((e>>6)|(e<<26))&4294967295)|(((e>>11)|(e<<21))&4294967295))-((((e>>6)|(e<<26))&4294967295)&(((e>>11)|(e<<21))&4294967295)))|(((e>>25)|(e<<7))&4294967295))-((((((e>>6)|(e<<26))&4294967295)|(((e>>11)|(e<<21))&4294967295))-((((e>>6)|(e<<26))&4294967295)&(((e>>11)|(e<<21))&4294967295)))&(((e>>25)|(e<<7))&4294967295)))+((((g|(e&((f|g)-(f&g))))-(g&(e&((f|g)-(f&g)))))))+k.v+w))&4294967295) END,CASE WHEN step%2=0 THEN f WHEN step%128=127 THEN (h5+e)&4294967295 ELSE e END,CASE WHEN step%2=0 THEN g WHEN step%128=127 THEN (h6+f)&4294967295 ELSE f END,CASE WHEN step%2=0 THEN h WHEN step%128=127 THEN (h7+g)&4294967295 ELSE g END,CASE WHEN step%128=127 THEN (h0+(((h+(((((((e>>6)|(e<<26))&4294967295)|(((e>>11)|(e<<21))&4294967295))-((((e>>6)|(e<<26))&4294967295)&(((e>>11)|(e<<21))&4294967295)))|(((e>>25)|(e<<7))&4294967295))-((((((e>>6)|(e<<26))&4294967295)|(((e>>11)|(e<<21))&4294967295))-((((e>>6)|(e<<26))&4294967295)&(((e>>11)|(e<<21))&4294967295)))&(((e>>25)|(e<<7))&4294967295)))+((((g|(e&((f|g)-(f&g))))-(g&(e&((f|g)-(f&g)))))))+k.v+w)+((((((((a>>2)|(a<<30))&4294967295)|(((a>>13)|(a<<19))&4294967295))-((((a>>2)|(a<<30))&4294967295)&(((a>>13)|(a<<19))&4294967295)))|(((a>>22)|(a<<10))&4294967295))-((((((a>>2)|(a<<30))&4294967295)|(((a>>13)|(a<<19))&4294967295))-((((a>>2)|(a<<30))&4294967295)&(((a>>13)|(a<<19))&4294967295)))&(((a>>22)|(a<<10))&4294967295)))+((a&b)|(a&c)|(b&c))))&4294967295))&4294967295 ELSE h0 END,CASE WHEN step%128=127 THEN (h1+a)&4294967295 ELSE h1 END,CASE WHEN step%128=127 THEN (h2+b)&4294967295 ELSE h2 END,CASE WHEN step%128=127 THEN (h3+c)&4294967295 ELSE h3 END,CASE WHEN step%128=127 THEN (h4+((d+(h+(((((((e>>6)|(e<<26))&4294967295)|(((e>>11)|(e<<21))&4294967295))-((((e>>6)|(e<<26))&4294967295)&(((e>>11)|(e<<21))&4294967295)))|(((e>>25)|(e<<7))&4294967295))-((((((e>>6)|(e<<26))&4294967295)|(((e>>11)|(e<<21))&4294967295))-((((e>>6)|(e<<26))&4294967295)&(((e>>11)|(e<<21))&4294967295)))&(((e>>25)|(e<<7))&4294967295)))+((((g|(e&((f|g)-(f&g))))-(g&(e&((f|g)-(f&g)))))))+k.v+w))&4294967295))&4294967295 ELSE h4 END,CASE WHEN step%128=127 THEN (h5+e)&4294967295 ELSE h5 END,CASE WHEN step%128=127 THEN (h6+f)&4294967295 ELSE h6 END,CASE WHEN step%128=127 THEN (h7+g)&4294967295 ELSE h7 END,CASE WHEN step%2=1 THEN w1 ELSE w0 END,CASE WHEN step%2=1 THEN w2 ELSE w1 END,CASE WHEN step%2=1 THEN w3 ELSE w2 END,CASE WHEN step%2=1 THEN w4 ELSE w3 END,CASE WHEN step%2=1 THEN w5 ELSE w4 END,CASE WHEN step%2=1 THEN w6 ELSE w5 END,CASE WHEN step%2=1 THEN w7 ELSE w6 END,CASE WHEN step%2=1 THEN w8 ELSE w7 END,CASE WHEN step%2=1 THEN w9 ELSE w8 END,CASE WHEN step%2=1 THEN w10 ELSE w9 END,CASE WHEN step%2=1 THEN w11 ELSE w10 END,CASE WHEN step%2=1 THEN w12 ELSE w11 END,CASE WHEN step%2=1 THEN w13 ELSE w12 END,CASE WHEN step%2=1 THEN w14 ELSE w13 END,CASE WHEN step%2=1 THEN w15 ELSE w14 END,CASE WHEN step%2=1 THEN w ELSE w15 END FROM state
    JOIN k ON k.i = (step/2)%64 JOIN m ON m.i = (step/128)*16 + ((step/2)%16)
    WHERE step<256)
  SELECT printf('%08x%08x%08x%08x%08x%08x%08x%08x', h0,h1,h2,h3,h4,h5,h6,h7) FROM state WHERE step=256) <> coalesce((SELECT author FROM insurance_reviews_item WHERE id = NEW.item AND log = NEW.log), ''))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR011 removal: the key is not the author''s'); END
-- next
CREATE TRIGGER insurance_reviews_removal_redacted BEFORE INSERT ON insurance_reviews_removal
WHEN (NEW.redacted IS NOT NULL AND NOT EXISTS (SELECT 1 FROM insurance_reviews_item i WHERE i.id = NEW.redacted_item AND i.kind = 'redacted' AND i.log = NEW.log AND i.entry = NEW.entry AND NEW.redacted = ('{"commitment":"' || i.commitment || '","item":"' || i.id || '","masks":[' || (SELECT group_concat('[' || start || ',' || length || ']') FROM (SELECT * FROM (SELECT key AS number, (SELECT value FROM json_each(m.value) WHERE key = 0 AND type = 'integer') AS start, CASE (SELECT count(*) FROM json_each(m.value)) WHEN 2 THEN (SELECT value FROM json_each(m.value) WHERE key = 1 AND type = 'integer') END AS length FROM json_each(NEW.redacted, '$.masks') m) ORDER BY number)) || ']}'))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR006 removal: the redacted item differs'); END
-- next
CREATE TRIGGER insurance_reviews_removal_masks BEFORE INSERT ON insurance_reviews_removal
WHEN (NEW.redacted IS NOT NULL AND EXISTS (WITH mask AS (SELECT * FROM (SELECT key AS number, (SELECT value FROM json_each(m.value) WHERE key = 0 AND type = 'integer') AS start, CASE (SELECT count(*) FROM json_each(m.value)) WHEN 2 THEN (SELECT value FROM json_each(m.value) WHERE key = 1 AND type = 'integer') END AS length FROM json_each(NEW.redacted, '$.masks') m)) SELECT 1 FROM mask m WHERE (m.start >= 0 AND m.length >= 1) IS NOT TRUE OR EXISTS (SELECT 1 FROM mask b WHERE b.number = m.number - 1 AND m.start <= b.start + b.length))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR017 removal: the masks are not in order'); END
-- next
CREATE TRIGGER insurance_reviews_content_no_update BEFORE UPDATE ON insurance_reviews_content
BEGIN SELECT RAISE(ABORT, 'IR001 content: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_content_no_replace BEFORE INSERT ON insurance_reviews_content
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_content WHERE (item = NEW.item))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR002 content: a row with this key exists'); END
-- next
CREATE TRIGGER insurance_reviews_content_removal BEFORE DELETE ON insurance_reviews_content
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_removal r WHERE r.item = OLD.item AND (r.redacted_item IS NULL OR EXISTS (SELECT 1 FROM insurance_reviews_content n WHERE n.item = r.redacted_item)))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR008 content: words go only after their removal'); END
-- next
CREATE TRIGGER insurance_reviews_content_gone BEFORE INSERT ON insurance_reviews_content
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_removal r WHERE r.item = NEW.item)) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR009 content: removed words do not return'); END
-- next
CREATE TRIGGER insurance_reviews_content_form BEFORE INSERT ON insurance_reviews_content
WHEN (NEW.body <> '{"name":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace((SELECT value FROM json_each(NEW.body) WHERE key = 'name'), '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"text":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace((SELECT value FROM json_each(NEW.body) WHERE key = 'text'), '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null') || '}' OR (SELECT value FROM json_each(NEW.body) WHERE key = 'name') IS NULL OR (SELECT value FROM json_each(NEW.body) WHERE key = 'text') IS NULL) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR009 content: the body is not canonical'); END
-- next
CREATE TRIGGER insurance_reviews_content_redaction BEFORE INSERT ON insurance_reviews_content
WHEN ((SELECT i.kind FROM insurance_reviews_item i WHERE i.id = NEW.item) = 'redacted' AND NOT EXISTS (SELECT 1 FROM insurance_reviews_removal r JOIN insurance_reviews_content o ON o.item = r.item WHERE r.redacted_item = NEW.item AND (SELECT value FROM json_each(NEW.body) WHERE key = 'name') IS (SELECT value FROM json_each(o.body) WHERE key = 'name') AND length((SELECT value FROM json_each(NEW.body) WHERE key = 'text')) = length((SELECT value FROM json_each(o.body) WHERE key = 'text')) AND (SELECT value FROM json_each(NEW.body) WHERE key = 'text') = (WITH RECURSIVE f(n, t) AS (SELECT 0, (SELECT value FROM json_each(o.body) WHERE key = 'text') UNION ALL SELECT f.n + 1, substr(f.t, 1, (SELECT value FROM json_each(m.value) WHERE key = 0)) || replace(hex(zeroblob((SELECT value FROM json_each(m.value) WHERE key = 1))), '00', '█') || substr(f.t, (SELECT value FROM json_each(m.value) WHERE key = 0) + (SELECT value FROM json_each(m.value) WHERE key = 1) + 1) FROM f JOIN json_each(r.redacted, '$.masks') m ON m.key = f.n) SELECT t FROM f ORDER BY n DESC LIMIT 1) AND (SELECT value FROM json_each(o.body) WHERE key = 'text') <> (WITH RECURSIVE f(n, t) AS (SELECT 0, (SELECT value FROM json_each(o.body) WHERE key = 'text') UNION ALL SELECT f.n + 1, substr(f.t, 1, (SELECT value FROM json_each(m.value) WHERE key = 0)) || replace(hex(zeroblob((SELECT value FROM json_each(m.value) WHERE key = 1))), '00', '█') || substr(f.t, (SELECT value FROM json_each(m.value) WHERE key = 0) + (SELECT value FROM json_each(m.value) WHERE key = 1) + 1) FROM f JOIN json_each(r.redacted, '$.masks') m ON m.key = f.n) SELECT t FROM f ORDER BY n DESC LIMIT 1))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR012 content: the redaction is not the original with its masks'); END
-- next
CREATE TRIGGER insurance_reviews_insurer_no_update BEFORE UPDATE ON insurance_reviews_insurer
BEGIN SELECT RAISE(ABORT, 'IR001 insurer: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_insurer_no_delete BEFORE DELETE ON insurance_reviews_insurer
BEGIN SELECT RAISE(ABORT, 'IR001 insurer: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_insurer_no_replace BEFORE INSERT ON insurance_reviews_insurer
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_insurer WHERE (slug = NEW.slug))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR002 insurer: a row with this key exists'); END
-- next
CREATE TRIGGER insurance_reviews_product_no_update BEFORE UPDATE ON insurance_reviews_product
BEGIN SELECT RAISE(ABORT, 'IR001 product: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_product_no_delete BEFORE DELETE ON insurance_reviews_product
BEGIN SELECT RAISE(ABORT, 'IR001 product: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_product_no_replace BEFORE INSERT ON insurance_reviews_product
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_product WHERE (sku = NEW.sku))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR002 product: a row with this key exists'); END
-- next
CREATE TRIGGER insurance_reviews_policy_no_update BEFORE UPDATE ON insurance_reviews_policy
BEGIN SELECT RAISE(ABORT, 'IR001 policy: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_policy_no_delete BEFORE DELETE ON insurance_reviews_policy
BEGIN SELECT RAISE(ABORT, 'IR001 policy: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_policy_no_replace BEFORE INSERT ON insurance_reviews_policy
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_policy WHERE (number_hash = NEW.number_hash))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR002 policy: a row with this key exists'); END
-- next
CREATE TRIGGER insurance_reviews_policy_event_no_update BEFORE UPDATE ON insurance_reviews_policy_event
BEGIN SELECT RAISE(ABORT, 'IR001 policy_event: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_policy_event_no_delete BEFORE DELETE ON insurance_reviews_policy_event
BEGIN SELECT RAISE(ABORT, 'IR001 policy_event: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_policy_event_no_replace BEFORE INSERT ON insurance_reviews_policy_event
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_policy_event WHERE (id = NEW.id) OR (policy = NEW.policy AND stage = NEW.stage AND occurrence = NEW.occurrence))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR002 policy_event: a row with this key exists'); END
-- next
CREATE TRIGGER insurance_reviews_invitation_no_update BEFORE UPDATE ON insurance_reviews_invitation
BEGIN SELECT RAISE(ABORT, 'IR001 invitation: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_invitation_no_delete BEFORE DELETE ON insurance_reviews_invitation
BEGIN SELECT RAISE(ABORT, 'IR001 invitation: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_invitation_no_replace BEFORE INSERT ON insurance_reviews_invitation
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_invitation WHERE (log = NEW.log AND entry = NEW.entry) OR (event = NEW.event) OR (id = NEW.id))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR002 invitation: a row with this key exists'); END
-- next
CREATE TRIGGER insurance_reviews_invitation_leaf BEFORE INSERT ON insurance_reviews_invitation
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND e.leaf = CAST('{"at":' || coalesce(CAST(NEW.at AS TEXT), 'null')
  || ',"invitation":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.id, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"product":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.product, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"stage":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.stage, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"type":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace('invitation.issued', '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"v":' || coalesce(CAST(1 AS TEXT), 'null') || '}' AS BLOB))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR003 invitation: the row differs from its log entry'); END
-- next
CREATE TRIGGER insurance_reviews_invitation_event BEFORE INSERT ON insurance_reviews_invitation
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_policy_event e JOIN insurance_reviews_product p ON p.sku = e.product JOIN insurance_reviews_log l ON l.insurer = p.insurer WHERE e.id = NEW.event AND e.product = NEW.product AND e.stage = NEW.stage AND l.id = NEW.log)) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR020 invitation: the policy event differs'); END
-- next
CREATE TRIGGER insurance_reviews_review_no_update BEFORE UPDATE ON insurance_reviews_review
BEGIN SELECT RAISE(ABORT, 'IR001 review: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_review_no_delete BEFORE DELETE ON insurance_reviews_review
BEGIN SELECT RAISE(ABORT, 'IR001 review: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_review_no_replace BEFORE INSERT ON insurance_reviews_review
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_review WHERE (log = NEW.log AND entry = NEW.entry) OR (id = NEW.id) OR (invitation = NEW.invitation) OR (item = NEW.item))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR002 review: a row with this key exists'); END
-- next
CREATE TRIGGER insurance_reviews_review_leaf BEFORE INSERT ON insurance_reviews_review
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND e.leaf = CAST('{"aspects":' || coalesce(NEW.aspects, 'null')
  || ',"at":' || coalesce(CAST(NEW.at AS TEXT), 'null')
  || ',"author":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.author, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"channel":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.channel, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"commitment":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.commitment, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"experienced":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.experienced, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"invitation":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.invitation, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"item":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.item, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"product":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.product, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"review":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.id, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"score":' || coalesce(CAST(NEW.score AS TEXT), 'null')
  || ',"stage":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.stage, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"type":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace('review.submitted', '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"v":' || coalesce(CAST(1 AS TEXT), 'null') || '}' AS BLOB))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR003 review: the row differs from its log entry'); END
-- next
CREATE TRIGGER insurance_reviews_review_invited BEFORE INSERT ON insurance_reviews_review
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_invitation i JOIN insurance_reviews_policy_event e ON e.id = i.event WHERE i.id = NEW.invitation AND i.log = NEW.log AND i.product = NEW.product AND i.stage = NEW.stage AND substr(e.occurred_on, 1, 7) = NEW.experienced)) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR021 review: the invitation differs'); END
-- next
CREATE TRIGGER insurance_reviews_review_aspects BEFORE INSERT ON insurance_reviews_review
WHEN (NEW.aspects <> (SELECT CASE WHEN count(*) = coalesce(sum(type = 'integer' AND value BETWEEN 1 AND 5 AND key NOT GLOB '*[^a-z0-9_]*'), 0) AND count(*) = count(DISTINCT key) THEN '{' || coalesce(group_concat('"' || key || '":' || value), '') || '}' END FROM (SELECT * FROM json_each(NEW.aspects) ORDER BY key))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR022 review: the aspects are not scores'); END
-- next
CREATE TRIGGER insurance_reviews_review_text BEFORE INSERT ON insurance_reviews_review
WHEN (NEW.item IS NOT NULL AND NOT EXISTS (SELECT 1 FROM insurance_reviews_item i WHERE i.id = NEW.item AND i.kind = 'review' AND i.log = NEW.log AND i.entry = NEW.entry)) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR023 review: the text is another item'); END
-- next
CREATE TRIGGER insurance_reviews_follow_up_no_update BEFORE UPDATE ON insurance_reviews_follow_up
BEGIN SELECT RAISE(ABORT, 'IR001 follow_up: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_follow_up_no_delete BEFORE DELETE ON insurance_reviews_follow_up
BEGIN SELECT RAISE(ABORT, 'IR001 follow_up: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_follow_up_no_replace BEFORE INSERT ON insurance_reviews_follow_up
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_follow_up WHERE (log = NEW.log AND entry = NEW.entry) OR (item = NEW.item))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR002 follow_up: a row with this key exists'); END
-- next
CREATE TRIGGER insurance_reviews_follow_up_leaf BEFORE INSERT ON insurance_reviews_follow_up
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND e.leaf = CAST('{"at":' || coalesce(CAST(NEW.at AS TEXT), 'null')
  || ',"commitment":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.commitment, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"item":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.item, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"review":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.review, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"type":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace('followup.published', '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"v":' || coalesce(CAST(1 AS TEXT), 'null') || '}' AS BLOB))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR003 follow_up: the row differs from its log entry'); END
-- next
CREATE TRIGGER insurance_reviews_follow_up_author BEFORE INSERT ON insurance_reviews_follow_up
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_item i JOIN insurance_reviews_review r ON r.id = NEW.review AND r.log = NEW.log WHERE i.id = NEW.item AND i.kind = 'follow_up' AND i.entry = NEW.entry AND i.log = NEW.log AND i.author = r.author)) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR024 follow_up: the author is another'); END
-- next
CREATE TRIGGER insurance_reviews_follow_up_open BEFORE INSERT ON insurance_reviews_follow_up
WHEN (EXISTS (WITH RECURSIVE chain(item) AS (SELECT r.item FROM insurance_reviews_review r WHERE r.id = NEW.review UNION SELECT f.item FROM insurance_reviews_follow_up f WHERE f.review = NEW.review UNION SELECT w.redacted_item FROM insurance_reviews_removal w JOIN chain ON w.item = chain.item) SELECT 1 FROM insurance_reviews_removal w JOIN chain ON w.item = chain.item WHERE w.author_key IS NOT NULL)) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR025 follow_up: the author has withdrawn'); END
-- next
CREATE TRIGGER insurance_reviews_reply_no_update BEFORE UPDATE ON insurance_reviews_reply
BEGIN SELECT RAISE(ABORT, 'IR001 reply: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_reply_no_delete BEFORE DELETE ON insurance_reviews_reply
BEGIN SELECT RAISE(ABORT, 'IR001 reply: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_reply_leaf BEFORE INSERT ON insurance_reviews_reply
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND e.leaf = CAST('{"at":' || coalesce(CAST(NEW.at AS TEXT), 'null')
  || ',"commitment":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.commitment, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"item":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.item, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"review":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.review, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"type":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace('reply.published', '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"v":' || coalesce(CAST(1 AS TEXT), 'null')
  || ',"version":' || coalesce(CAST(NEW.version AS TEXT), 'null') || '}' AS BLOB))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR003 reply: the row differs from its log entry'); END
-- next
CREATE TRIGGER insurance_reviews_reply_review BEFORE INSERT ON insurance_reviews_reply
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_review r WHERE r.id = NEW.review AND r.log = NEW.log)) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR027 reply: the review is of another log'); END
-- next
CREATE TRIGGER insurance_reviews_reply_version BEFORE INSERT ON insurance_reviews_reply
WHEN (NEW.version <> 1 + (SELECT count(*) FROM insurance_reviews_reply p WHERE p.review = NEW.review)) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR026 reply: the version is not the next'); END
-- next
CREATE TRIGGER insurance_reviews_reply_text BEFORE INSERT ON insurance_reviews_reply
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_item i WHERE i.id = NEW.item AND i.kind = 'reply' AND i.log = NEW.log AND i.entry = NEW.entry)) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR023 reply: the text is another item'); END
