CREATE TABLE insurance_reviews_log (
	id INTEGER NOT NULL,
	insurer TEXT NOT NULL,
	origin TEXT NOT NULL,
	at BIGINT NOT NULL,
	verifier_key TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_log PRIMARY KEY (id),
	CONSTRAINT uq_insurance_reviews_log_insurer UNIQUE (insurer),
	CONSTRAINT uq_insurance_reviews_log_origin UNIQUE (origin)
)
-- next
CREATE TABLE insurance_reviews_insurer (
	slug TEXT NOT NULL,
	name TEXT NOT NULL,
	name_en TEXT,
	created_at BIGINT NOT NULL,
	CONSTRAINT pk_insurance_reviews_insurer PRIMARY KEY (slug)
)
-- next
CREATE TABLE insurance_reviews_storefront (
	slug TEXT NOT NULL,
	name TEXT NOT NULL,
	origins TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	CONSTRAINT pk_insurance_reviews_storefront PRIMARY KEY (slug)
)
-- next
CREATE TABLE insurance_reviews_token (
	hash TEXT NOT NULL CONSTRAINT ck_insurance_reviews_token_hash_length CHECK (length(hash) = 64),
	role TEXT NOT NULL CONSTRAINT ck_insurance_reviews_token_role_known CHECK (role IN ('storefront', 'insurer', 'compliance', 'regulator')),
	subject TEXT NOT NULL,
	label TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	revoked_at BIGINT,
	CONSTRAINT pk_insurance_reviews_token PRIMARY KEY (hash)
)
-- next
CREATE TABLE insurance_reviews_outbox (
	id TEXT NOT NULL,
	kind TEXT NOT NULL,
	payload TEXT,
	created_at BIGINT NOT NULL,
	due_at BIGINT NOT NULL,
	attempts SMALLINT NOT NULL,
	done_at BIGINT,
	error TEXT,
	CONSTRAINT pk_insurance_reviews_outbox PRIMARY KEY (id)
)
-- next
CREATE INDEX ix_insurance_reviews_outbox_done_at_due_at ON insurance_reviews_outbox (done_at, due_at)
-- next
CREATE TABLE insurance_reviews_log_entry (
	log INTEGER NOT NULL,
	idx BIGINT NOT NULL CONSTRAINT ck_insurance_reviews_log_entry_idx_range CHECK (idx >= 0),
	leaf BYTEA NOT NULL CONSTRAINT ck_insurance_reviews_log_entry_leaf_length CHECK (length(leaf) BETWEEN 1 AND 65535),
	CONSTRAINT pk_insurance_reviews_log_entry PRIMARY KEY (log, idx),
	CONSTRAINT fk_insurance_reviews_log_entry_log FOREIGN KEY(log) REFERENCES insurance_reviews_log (id)
)
-- next
CREATE TABLE insurance_reviews_log_node (
	log INTEGER NOT NULL,
	level SMALLINT NOT NULL,
	idx BIGINT NOT NULL,
	hash BYTEA NOT NULL CONSTRAINT ck_insurance_reviews_log_node_hash_length CHECK (length(hash) = 32),
	CONSTRAINT pk_insurance_reviews_log_node PRIMARY KEY (log, level, idx),
	CONSTRAINT fk_insurance_reviews_log_node_log FOREIGN KEY(log) REFERENCES insurance_reviews_log (id)
)
-- next
CREATE TABLE insurance_reviews_log_checkpoint (
	log INTEGER NOT NULL,
	size BIGINT NOT NULL,
	root BYTEA NOT NULL CONSTRAINT ck_insurance_reviews_log_checkpoint_root_length CHECK (length(root) = 32),
	note TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_log_checkpoint PRIMARY KEY (log, size),
	CONSTRAINT fk_insurance_reviews_log_checkpoint_log FOREIGN KEY(log) REFERENCES insurance_reviews_log (id)
)
-- next
CREATE TABLE insurance_reviews_product (
	sku TEXT NOT NULL,
	insurer TEXT NOT NULL,
	name TEXT NOT NULL,
	name_en TEXT,
	stages TEXT NOT NULL,
	aspects TEXT,
	created_at BIGINT NOT NULL,
	CONSTRAINT pk_insurance_reviews_product PRIMARY KEY (sku),
	CONSTRAINT fk_insurance_reviews_product_insurer FOREIGN KEY(insurer) REFERENCES insurance_reviews_insurer (slug)
)
-- next
CREATE INDEX ix_insurance_reviews_product_insurer ON insurance_reviews_product (insurer)
-- next
CREATE TABLE insurance_reviews_policy (
	number_hash TEXT NOT NULL CONSTRAINT ck_insurance_reviews_policy_number_hash_length CHECK (length(number_hash) = 64),
	insurer TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_policy PRIMARY KEY (number_hash),
	CONSTRAINT fk_insurance_reviews_policy_insurer FOREIGN KEY(insurer) REFERENCES insurance_reviews_insurer (slug)
)
-- next
CREATE TABLE insurance_reviews_storefront_grant (
	storefront TEXT NOT NULL,
	insurer TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_storefront_grant PRIMARY KEY (storefront, insurer),
	CONSTRAINT fk_insurance_reviews_storefront_grant_storefront FOREIGN KEY(storefront) REFERENCES insurance_reviews_storefront (slug),
	CONSTRAINT fk_insurance_reviews_storefront_grant_insurer FOREIGN KEY(insurer) REFERENCES insurance_reviews_insurer (slug)
)
-- next
CREATE TABLE insurance_reviews_item (
	id TEXT NOT NULL,
	log INTEGER NOT NULL,
	entry BIGINT NOT NULL,
	kind TEXT NOT NULL CONSTRAINT ck_insurance_reviews_item_kind_known CHECK (kind IN ('review', 'follow_up', 'reply', 'reasons', 'redacted')),
	commitment TEXT NOT NULL CONSTRAINT ck_insurance_reviews_item_commitment_length CHECK (length(commitment) = 64),
	author TEXT CONSTRAINT ck_insurance_reviews_item_author_length CHECK (length(author) = 64),
	CONSTRAINT pk_insurance_reviews_item PRIMARY KEY (id),
	CONSTRAINT fk_insurance_reviews_item_log_entry FOREIGN KEY(log, entry) REFERENCES insurance_reviews_log_entry (log, idx),
	CONSTRAINT uq_insurance_reviews_item_log_entry UNIQUE (log, entry)
)
-- next
CREATE TABLE insurance_reviews_policy_event (
	id TEXT NOT NULL,
	policy TEXT NOT NULL,
	stage TEXT NOT NULL CONSTRAINT ck_insurance_reviews_policy_event_stage_known CHECK (stage IN ('underwriting', 'renewal', 'claim')),
	occurrence TEXT NOT NULL,
	product TEXT NOT NULL,
	occurred_on TEXT NOT NULL,
	storefront TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	CONSTRAINT pk_insurance_reviews_policy_event PRIMARY KEY (id),
	CONSTRAINT uq_insurance_reviews_policy_event_policy_stage_occurrence UNIQUE (policy, stage, occurrence),
	CONSTRAINT fk_insurance_reviews_policy_event_policy FOREIGN KEY(policy) REFERENCES insurance_reviews_policy (number_hash),
	CONSTRAINT fk_insurance_reviews_policy_event_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku)
)
-- next
CREATE TABLE insurance_reviews_review_count (
	product TEXT NOT NULL,
	stage TEXT NOT NULL,
	score SMALLINT NOT NULL,
	has_text SMALLINT NOT NULL,
	n BIGINT NOT NULL,
	CONSTRAINT pk_insurance_reviews_review_count PRIMARY KEY (product, stage, score, has_text),
	CONSTRAINT fk_insurance_reviews_review_count_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku)
)
-- next
CREATE TABLE insurance_reviews_aspect_count (
	product TEXT NOT NULL,
	stage TEXT NOT NULL,
	aspect TEXT NOT NULL,
	n BIGINT NOT NULL,
	total BIGINT NOT NULL,
	CONSTRAINT pk_insurance_reviews_aspect_count PRIMARY KEY (product, stage, aspect),
	CONSTRAINT fk_insurance_reviews_aspect_count_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku)
)
-- next
CREATE TABLE insurance_reviews_invitation_count (
	product TEXT NOT NULL,
	stage TEXT NOT NULL,
	n BIGINT NOT NULL,
	CONSTRAINT pk_insurance_reviews_invitation_count PRIMARY KEY (product, stage),
	CONSTRAINT fk_insurance_reviews_invitation_count_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku)
)
-- next
CREATE TABLE insurance_reviews_reply_delay (
	product TEXT NOT NULL,
	hours BIGINT NOT NULL,
	n BIGINT NOT NULL,
	CONSTRAINT pk_insurance_reviews_reply_delay PRIMARY KEY (product, hours),
	CONSTRAINT fk_insurance_reviews_reply_delay_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku)
)
-- next
CREATE TABLE insurance_reviews_product_state (
	product TEXT NOT NULL,
	revision BIGINT NOT NULL,
	removals BIGINT NOT NULL,
	withdrawals BIGINT NOT NULL,
	CONSTRAINT pk_insurance_reviews_product_state PRIMARY KEY (product),
	CONSTRAINT fk_insurance_reviews_product_state_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku)
)
-- next
CREATE TABLE insurance_reviews_content (
	item TEXT NOT NULL,
	salt BYTEA NOT NULL CONSTRAINT ck_insurance_reviews_content_salt_length CHECK (length(salt) = 32),
	body TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_content PRIMARY KEY (item),
	CONSTRAINT fk_insurance_reviews_content_item FOREIGN KEY(item) REFERENCES insurance_reviews_item (id)
)
-- next
CREATE TABLE insurance_reviews_report (
	id TEXT NOT NULL,
	log INTEGER NOT NULL,
	entry BIGINT NOT NULL,
	at BIGINT NOT NULL,
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
-- next
CREATE TABLE insurance_reviews_invitation (
	log INTEGER NOT NULL,
	entry BIGINT NOT NULL,
	at BIGINT NOT NULL,
	id TEXT NOT NULL,
	product TEXT NOT NULL,
	stage TEXT NOT NULL CONSTRAINT ck_insurance_reviews_invitation_stage_known CHECK (stage IN ('underwriting', 'renewal', 'claim')),
	event TEXT NOT NULL,
	expires_at BIGINT NOT NULL,
	CONSTRAINT pk_insurance_reviews_invitation PRIMARY KEY (log, entry),
	CONSTRAINT fk_insurance_reviews_invitation_log_entry FOREIGN KEY(log, entry) REFERENCES insurance_reviews_log_entry (log, idx),
	CONSTRAINT uq_insurance_reviews_invitation_id UNIQUE (id),
	CONSTRAINT fk_insurance_reviews_invitation_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku),
	CONSTRAINT uq_insurance_reviews_invitation_event UNIQUE (event),
	CONSTRAINT fk_insurance_reviews_invitation_event FOREIGN KEY(event) REFERENCES insurance_reviews_policy_event (id)
)
-- next
CREATE TABLE insurance_reviews_holder_contact (
	event TEXT NOT NULL,
	name TEXT,
	email TEXT,
	phone TEXT,
	created_at BIGINT NOT NULL,
	CONSTRAINT pk_insurance_reviews_holder_contact PRIMARY KEY (event),
	CONSTRAINT fk_insurance_reviews_holder_contact_event FOREIGN KEY(event) REFERENCES insurance_reviews_policy_event (id)
)
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
-- next
CREATE INDEX ix_insurance_reviews_report_item_item ON insurance_reviews_report_item (item)
-- next
CREATE TABLE insurance_reviews_acknowledgement (
	log INTEGER NOT NULL,
	entry BIGINT NOT NULL,
	at BIGINT NOT NULL,
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
-- next
CREATE INDEX ix_insurance_reviews_acknowledgement_report ON insurance_reviews_acknowledgement (report)
-- next
CREATE TABLE insurance_reviews_removal (
	item TEXT NOT NULL,
	log INTEGER NOT NULL,
	entry BIGINT NOT NULL,
	at BIGINT NOT NULL,
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
-- next
CREATE TABLE insurance_reviews_review (
	log INTEGER NOT NULL,
	entry BIGINT NOT NULL,
	at BIGINT NOT NULL,
	id TEXT NOT NULL,
	invitation TEXT NOT NULL,
	product TEXT NOT NULL,
	stage TEXT NOT NULL CONSTRAINT ck_insurance_reviews_review_stage_known CHECK (stage IN ('underwriting', 'renewal', 'claim')),
	channel TEXT NOT NULL CONSTRAINT ck_insurance_reviews_review_channel_known CHECK (channel IN ('online')),
	score SMALLINT NOT NULL CONSTRAINT ck_insurance_reviews_review_score_range CHECK (score BETWEEN 1 AND 5),
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
	entry BIGINT NOT NULL,
	at BIGINT NOT NULL,
	review TEXT NOT NULL,
	item TEXT NOT NULL,
	commitment TEXT NOT NULL CONSTRAINT ck_insurance_reviews_follow_up_commitment_length CHECK (length(commitment) = 64),
	CONSTRAINT pk_insurance_reviews_follow_up PRIMARY KEY (log, entry),
	CONSTRAINT fk_insurance_reviews_follow_up_log_entry FOREIGN KEY(log, entry) REFERENCES insurance_reviews_log_entry (log, idx),
	CONSTRAINT fk_insurance_reviews_follow_up_review FOREIGN KEY(review) REFERENCES insurance_reviews_review (id),
	CONSTRAINT uq_insurance_reviews_follow_up_item UNIQUE (item),
	CONSTRAINT fk_insurance_reviews_follow_up_item FOREIGN KEY(item) REFERENCES insurance_reviews_item (id)
)
-- next
CREATE INDEX ix_insurance_reviews_follow_up_review ON insurance_reviews_follow_up (review)
-- next
CREATE TABLE insurance_reviews_reply (
	log INTEGER NOT NULL,
	entry BIGINT NOT NULL,
	at BIGINT NOT NULL,
	review TEXT NOT NULL,
	version SMALLINT NOT NULL,
	item TEXT NOT NULL,
	commitment TEXT NOT NULL CONSTRAINT ck_insurance_reviews_reply_commitment_length CHECK (length(commitment) = 64),
	CONSTRAINT pk_insurance_reviews_reply PRIMARY KEY (log, entry),
	CONSTRAINT fk_insurance_reviews_reply_log_entry FOREIGN KEY(log, entry) REFERENCES insurance_reviews_log_entry (log, idx),
	CONSTRAINT uq_insurance_reviews_reply_review_version UNIQUE (review, version),
	CONSTRAINT fk_insurance_reviews_reply_review FOREIGN KEY(review) REFERENCES insurance_reviews_review (id),
	CONSTRAINT uq_insurance_reviews_reply_item UNIQUE (item),
	CONSTRAINT fk_insurance_reviews_reply_item FOREIGN KEY(item) REFERENCES insurance_reviews_item (id)
)
-- next
CREATE FUNCTION insurance_reviews.log_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'log: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER log_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_log
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.log_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log ENABLE ALWAYS TRIGGER log_no_update
-- next
CREATE FUNCTION insurance_reviews.log_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'log: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER log_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_log
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.log_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log ENABLE ALWAYS TRIGGER log_no_delete
-- next
CREATE FUNCTION insurance_reviews.log_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'log: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER log_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_log
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.log_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log ENABLE ALWAYS TRIGGER log_no_truncate
-- next
CREATE FUNCTION insurance_reviews.log_entry_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'log_entry: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER log_entry_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_log_entry
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.log_entry_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_entry ENABLE ALWAYS TRIGGER log_entry_no_update
-- next
CREATE FUNCTION insurance_reviews.log_entry_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'log_entry: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER log_entry_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_log_entry
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.log_entry_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_entry ENABLE ALWAYS TRIGGER log_entry_no_delete
-- next
CREATE FUNCTION insurance_reviews.log_entry_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'log_entry: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER log_entry_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_log_entry
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.log_entry_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_entry ENABLE ALWAYS TRIGGER log_entry_no_truncate
-- next
CREATE FUNCTION insurance_reviews.log_node_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'log_node: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER log_node_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_log_node
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.log_node_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_node ENABLE ALWAYS TRIGGER log_node_no_update
-- next
CREATE FUNCTION insurance_reviews.log_node_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'log_node: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER log_node_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_log_node
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.log_node_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_node ENABLE ALWAYS TRIGGER log_node_no_delete
-- next
CREATE FUNCTION insurance_reviews.log_node_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'log_node: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER log_node_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_log_node
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.log_node_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_node ENABLE ALWAYS TRIGGER log_node_no_truncate
-- next
CREATE FUNCTION insurance_reviews.log_checkpoint_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'log_checkpoint: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER log_checkpoint_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_log_checkpoint
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.log_checkpoint_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_checkpoint ENABLE ALWAYS TRIGGER log_checkpoint_no_update
-- next
CREATE FUNCTION insurance_reviews.log_checkpoint_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'log_checkpoint: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER log_checkpoint_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_log_checkpoint
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.log_checkpoint_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_checkpoint ENABLE ALWAYS TRIGGER log_checkpoint_no_delete
-- next
CREATE FUNCTION insurance_reviews.log_checkpoint_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'log_checkpoint: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER log_checkpoint_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_log_checkpoint
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.log_checkpoint_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_checkpoint ENABLE ALWAYS TRIGGER log_checkpoint_no_truncate
-- next
CREATE FUNCTION insurance_reviews.log_entry_next() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NEW.idx <> coalesce((SELECT max(idx) FROM ONLY insurance_reviews.insurance_reviews_log_entry WHERE log = NEW.log) + 1, 0)) IS NOT FALSE THEN
    RAISE EXCEPTION 'log_entry: the index is not the next one' USING ERRCODE = 'IR004';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER log_entry_next BEFORE INSERT ON insurance_reviews.insurance_reviews_log_entry
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.log_entry_next()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_entry ENABLE ALWAYS TRIGGER log_entry_next
-- next
CREATE FUNCTION insurance_reviews.log_entry_opened() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF ((NEW.idx = 0) <> ((convert_from(NEW.leaf, 'UTF8')::jsonb #>> '{type}') = 'log.opened') OR NEW.idx = 0 AND NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_log l WHERE l.id = NEW.log AND NEW.leaf = convert_to('{"at":' || coalesce(l.at::text, 'null')
  || ',"insurer":' || coalesce(to_json(l.insurer)::text, 'null')
  || ',"origin":' || coalesce(to_json(l.origin)::text, 'null')
  || ',"type":' || coalesce(to_json('log.opened'::text)::text, 'null')
  || ',"v":' || coalesce(1::text, 'null') || '}', 'UTF8'))) IS NOT FALSE THEN
    RAISE EXCEPTION 'log_entry: entry 0, and no other, opens the log' USING ERRCODE = 'IR003';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER log_entry_opened BEFORE INSERT ON insurance_reviews.insurance_reviews_log_entry
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.log_entry_opened()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_entry ENABLE ALWAYS TRIGGER log_entry_opened
-- next
CREATE FUNCTION insurance_reviews.log_entry_time() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF ((CASE WHEN (convert_from(NEW.leaf, 'UTF8')::jsonb #>> '{at}') ~ '^[0-9]{1,15}$' THEN (convert_from(NEW.leaf, 'UTF8')::jsonb #>> '{at}')::bigint END) / 3600 * 3600 <> (CASE WHEN (convert_from(NEW.leaf, 'UTF8')::jsonb #>> '{at}') ~ '^[0-9]{1,15}$' THEN (convert_from(NEW.leaf, 'UTF8')::jsonb #>> '{at}')::bigint END) OR (CASE WHEN (convert_from(NEW.leaf, 'UTF8')::jsonb #>> '{at}') ~ '^[0-9]{1,15}$' THEN (convert_from(NEW.leaf, 'UTF8')::jsonb #>> '{at}')::bigint END) < coalesce((SELECT (CASE WHEN (convert_from(p.leaf, 'UTF8')::jsonb #>> '{at}') ~ '^[0-9]{1,15}$' THEN (convert_from(p.leaf, 'UTF8')::jsonb #>> '{at}')::bigint END) FROM ONLY insurance_reviews.insurance_reviews_log_entry p WHERE p.log = NEW.log AND p.idx = NEW.idx - 1), 0)) IS NOT FALSE THEN
    RAISE EXCEPTION 'log_entry: the time is impossible' USING ERRCODE = 'IR018';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER log_entry_time BEFORE INSERT ON insurance_reviews.insurance_reviews_log_entry
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.log_entry_time()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_entry ENABLE ALWAYS TRIGGER log_entry_time
-- next
CREATE FUNCTION insurance_reviews.log_checkpoint_grows() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NEW.size <= coalesce((SELECT max(size) FROM ONLY insurance_reviews.insurance_reviews_log_checkpoint WHERE log = NEW.log), 0) OR NEW.size <> coalesce((SELECT max(idx) + 1 FROM ONLY insurance_reviews.insurance_reviews_log_entry WHERE log = NEW.log), 0)) IS NOT FALSE THEN
    RAISE EXCEPTION 'log_checkpoint: a checkpoint must grow' USING ERRCODE = 'IR005';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER log_checkpoint_grows BEFORE INSERT ON insurance_reviews.insurance_reviews_log_checkpoint
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.log_checkpoint_grows()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_checkpoint ENABLE ALWAYS TRIGGER log_checkpoint_grows
-- next
CREATE FUNCTION insurance_reviews.log_checkpoint_note() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (substr(NEW.note, 1, length((SELECT l.origin || chr(10) || NEW.size || chr(10) || encode(NEW.root, 'base64') || chr(10) FROM ONLY insurance_reviews.insurance_reviews_log l WHERE l.id = NEW.log))) <> (SELECT l.origin || chr(10) || NEW.size || chr(10) || encode(NEW.root, 'base64') || chr(10) FROM ONLY insurance_reviews.insurance_reviews_log l WHERE l.id = NEW.log)) IS NOT FALSE THEN
    RAISE EXCEPTION 'log_checkpoint: the note is of another tree' USING ERRCODE = 'IR005';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER log_checkpoint_note BEFORE INSERT ON insurance_reviews.insurance_reviews_log_checkpoint
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.log_checkpoint_note()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_checkpoint ENABLE ALWAYS TRIGGER log_checkpoint_note
-- next
CREATE FUNCTION insurance_reviews.log_node_hash() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NEW.hash <> CASE WHEN NEW.level = 0 THEN sha256('\x00'::bytea || (SELECT leaf FROM ONLY insurance_reviews.insurance_reviews_log_entry WHERE log = NEW.log AND idx = NEW.idx)) ELSE sha256('\x01'::bytea || (SELECT hash FROM ONLY insurance_reviews.insurance_reviews_log_node WHERE log = NEW.log AND level = NEW.level - 1 AND idx = NEW.idx * 2 + 0) || (SELECT hash FROM ONLY insurance_reviews.insurance_reviews_log_node WHERE log = NEW.log AND level = NEW.level - 1 AND idx = NEW.idx * 2 + 1)) END) IS NOT FALSE THEN
    RAISE EXCEPTION 'log_node: the hash is not that of its children' USING ERRCODE = 'IR005';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER log_node_hash BEFORE INSERT ON insurance_reviews.insurance_reviews_log_node
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.log_node_hash()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_node ENABLE ALWAYS TRIGGER log_node_hash
-- next
CREATE FUNCTION insurance_reviews.item_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'item: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER item_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_item
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.item_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_item ENABLE ALWAYS TRIGGER item_no_update
-- next
CREATE FUNCTION insurance_reviews.item_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'item: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER item_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_item
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.item_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_item ENABLE ALWAYS TRIGGER item_no_delete
-- next
CREATE FUNCTION insurance_reviews.item_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'item: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER item_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_item
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.item_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_item ENABLE ALWAYS TRIGGER item_no_truncate
-- next
CREATE FUNCTION insurance_reviews.item_leaf() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND (
  (NEW.kind = 'review' AND (convert_from(e.leaf, 'UTF8')::jsonb #>> '{type}') = 'review.submitted' AND (convert_from(e.leaf, 'UTF8')::jsonb #>> '{item}') = NEW.id AND (convert_from(e.leaf, 'UTF8')::jsonb #>> '{commitment}') = NEW.commitment AND (convert_from(e.leaf, 'UTF8')::jsonb #>> '{author}') IS NOT DISTINCT FROM NEW.author)
  OR (NEW.kind = 'follow_up' AND (convert_from(e.leaf, 'UTF8')::jsonb #>> '{type}') = 'followup.published' AND (convert_from(e.leaf, 'UTF8')::jsonb #>> '{item}') = NEW.id AND (convert_from(e.leaf, 'UTF8')::jsonb #>> '{commitment}') = NEW.commitment AND NEW.author IS NOT NULL)
  OR (NEW.kind = 'reply' AND (convert_from(e.leaf, 'UTF8')::jsonb #>> '{type}') = 'reply.published' AND (convert_from(e.leaf, 'UTF8')::jsonb #>> '{item}') = NEW.id AND (convert_from(e.leaf, 'UTF8')::jsonb #>> '{commitment}') = NEW.commitment AND NEW.author IS NULL)
  OR (NEW.kind = 'reasons' AND NEW.author IS NULL AND (((convert_from(e.leaf, 'UTF8')::jsonb #>> '{type}') = 'report.filed' AND (convert_from(e.leaf, 'UTF8')::jsonb #>> '{reasons}') = NEW.commitment) OR ((convert_from(e.leaf, 'UTF8')::jsonb #>> '{type}') = 'report.acknowledged' AND (convert_from(e.leaf, 'UTF8')::jsonb #>> '{note}') = NEW.commitment)))
  OR (NEW.kind = 'redacted' AND (convert_from(e.leaf, 'UTF8')::jsonb #>> '{type}') = 'text.removed' AND (convert_from(e.leaf, 'UTF8')::jsonb #>> '{redacted,item}') = NEW.id AND (convert_from(e.leaf, 'UTF8')::jsonb #>> '{redacted,commitment}') = NEW.commitment AND EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_item o WHERE o.id = (convert_from(e.leaf, 'UTF8')::jsonb #>> '{item}') AND o.author IS NOT DISTINCT FROM NEW.author))))) IS NOT FALSE THEN
    RAISE EXCEPTION 'item: the item differs from its log entry' USING ERRCODE = 'IR006';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER item_leaf BEFORE INSERT ON insurance_reviews.insurance_reviews_item
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.item_leaf()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_item ENABLE ALWAYS TRIGGER item_leaf
-- next
CREATE FUNCTION insurance_reviews.report_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'report: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER report_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_report
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.report_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_report ENABLE ALWAYS TRIGGER report_no_update
-- next
CREATE FUNCTION insurance_reviews.report_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'report: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER report_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_report
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.report_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_report ENABLE ALWAYS TRIGGER report_no_delete
-- next
CREATE FUNCTION insurance_reviews.report_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'report: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER report_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_report
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.report_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_report ENABLE ALWAYS TRIGGER report_no_truncate
-- next
CREATE FUNCTION insurance_reviews.report_leaf() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND e.leaf = convert_to('{"at":' || coalesce(NEW.at::text, 'null')
  || ',"authority":' || coalesce(to_json(NEW.authority)::text, 'null')
  || ',"filed_on":' || coalesce(to_json(NEW.filed_on)::text, 'null')
  || ',"ground":' || coalesce(to_json(NEW.ground)::text, 'null')
  || ',"items":' || coalesce(NEW.items, 'null')
  || ',"reasons":' || coalesce(to_json(NEW.reasons)::text, 'null')
  || ',"report":' || coalesce(to_json(NEW.id)::text, 'null')
  || ',"report_no":' || coalesce(to_json(NEW.report_no)::text, 'null')
  || ',"type":' || coalesce(to_json('report.filed'::text)::text, 'null')
  || ',"v":' || coalesce(1::text, 'null') || '}', 'UTF8'))) IS NOT FALSE THEN
    RAISE EXCEPTION 'report: the row differs from its log entry' USING ERRCODE = 'IR003';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER report_leaf BEFORE INSERT ON insurance_reviews.insurance_reviews_report
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.report_leaf()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_report ENABLE ALWAYS TRIGGER report_leaf
-- next
CREATE FUNCTION insurance_reviews.report_items() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NEW.items <> (CASE WHEN jsonb_typeof(NEW.items::jsonb) = 'array' THEN '[' || (SELECT string_agg('"' || value || '"', ',' ORDER BY number) FROM jsonb_array_elements_text(NEW.items::jsonb) WITH ORDINALITY t(value, number)) || ']' END)) IS NOT FALSE THEN
    RAISE EXCEPTION 'report: the items are no plain list' USING ERRCODE = 'IR016';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER report_items BEFORE INSERT ON insurance_reviews.insurance_reviews_report
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.report_items()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_report ENABLE ALWAYS TRIGGER report_items
-- next
CREATE FUNCTION insurance_reviews.report_reasons() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_item i WHERE i.id = NEW.reasons_item AND i.kind = 'reasons' AND i.log = NEW.log AND i.entry = NEW.entry)) IS NOT FALSE THEN
    RAISE EXCEPTION 'report: the reasons are another item' USING ERRCODE = 'IR014';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER report_reasons BEFORE INSERT ON insurance_reviews.insurance_reviews_report
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.report_reasons()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_report ENABLE ALWAYS TRIGGER report_reasons
-- next
CREATE FUNCTION insurance_reviews.report_item_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'report_item: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER report_item_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_report_item
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.report_item_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_report_item ENABLE ALWAYS TRIGGER report_item_no_update
-- next
CREATE FUNCTION insurance_reviews.report_item_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'report_item: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER report_item_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_report_item
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.report_item_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_report_item ENABLE ALWAYS TRIGGER report_item_no_delete
-- next
CREATE FUNCTION insurance_reviews.report_item_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'report_item: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER report_item_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_report_item
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.report_item_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_report_item ENABLE ALWAYS TRIGGER report_item_no_truncate
-- next
CREATE FUNCTION insurance_reviews.report_item_named() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_report r JOIN ONLY insurance_reviews.insurance_reviews_item i ON i.id = NEW.item AND i.log = r.log JOIN ONLY insurance_reviews.insurance_reviews_content c ON c.item = i.id WHERE r.id = NEW.report AND r.log = NEW.log AND r.authority = NEW.authority AND r.report_no = NEW.report_no AND r.items::jsonb @> to_jsonb(NEW.item))) IS NOT FALSE THEN
    RAISE EXCEPTION 'report_item: the report does not name this present text' USING ERRCODE = 'IR007';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER report_item_named BEFORE INSERT ON insurance_reviews.insurance_reviews_report_item
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.report_item_named()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_report_item ENABLE ALWAYS TRIGGER report_item_named
-- next
CREATE FUNCTION insurance_reviews.acknowledgement_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'acknowledgement: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER acknowledgement_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_acknowledgement
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.acknowledgement_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_acknowledgement ENABLE ALWAYS TRIGGER acknowledgement_no_update
-- next
CREATE FUNCTION insurance_reviews.acknowledgement_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'acknowledgement: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER acknowledgement_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_acknowledgement
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.acknowledgement_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_acknowledgement ENABLE ALWAYS TRIGGER acknowledgement_no_delete
-- next
CREATE FUNCTION insurance_reviews.acknowledgement_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'acknowledgement: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER acknowledgement_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_acknowledgement
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.acknowledgement_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_acknowledgement ENABLE ALWAYS TRIGGER acknowledgement_no_truncate
-- next
CREATE FUNCTION insurance_reviews.acknowledgement_leaf() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND e.leaf = convert_to('{"at":' || coalesce(NEW.at::text, 'null')
  || ',"note":' || coalesce(to_json(NEW.note)::text, 'null')
  || ',"report":' || coalesce(to_json(NEW.report)::text, 'null')
  || ',"type":' || coalesce(to_json('report.acknowledged'::text)::text, 'null')
  || ',"v":' || coalesce(1::text, 'null')
  || ',"verdict":' || coalesce(to_json(NEW.verdict)::text, 'null') || '}', 'UTF8'))) IS NOT FALSE THEN
    RAISE EXCEPTION 'acknowledgement: the row differs from its log entry' USING ERRCODE = 'IR003';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER acknowledgement_leaf BEFORE INSERT ON insurance_reviews.insurance_reviews_acknowledgement
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.acknowledgement_leaf()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_acknowledgement ENABLE ALWAYS TRIGGER acknowledgement_leaf
-- next
CREATE FUNCTION insurance_reviews.acknowledgement_report() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_report r WHERE r.id = NEW.report AND r.log = NEW.log)) IS NOT FALSE THEN
    RAISE EXCEPTION 'acknowledgement: the report is of another log' USING ERRCODE = 'IR015';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER acknowledgement_report BEFORE INSERT ON insurance_reviews.insurance_reviews_acknowledgement
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.acknowledgement_report()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_acknowledgement ENABLE ALWAYS TRIGGER acknowledgement_report
-- next
CREATE FUNCTION insurance_reviews.acknowledgement_note() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NEW.note_item IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_item i WHERE i.id = NEW.note_item AND i.kind = 'reasons' AND i.log = NEW.log AND i.entry = NEW.entry)) IS NOT FALSE THEN
    RAISE EXCEPTION 'acknowledgement: the note is another item' USING ERRCODE = 'IR014';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER acknowledgement_note BEFORE INSERT ON insurance_reviews.insurance_reviews_acknowledgement
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.acknowledgement_note()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_acknowledgement ENABLE ALWAYS TRIGGER acknowledgement_note
-- next
CREATE FUNCTION insurance_reviews.removal_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'removal: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER removal_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_removal
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.removal_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_removal ENABLE ALWAYS TRIGGER removal_no_update
-- next
CREATE FUNCTION insurance_reviews.removal_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'removal: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER removal_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_removal
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.removal_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_removal ENABLE ALWAYS TRIGGER removal_no_delete
-- next
CREATE FUNCTION insurance_reviews.removal_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'removal: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER removal_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_removal
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.removal_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_removal ENABLE ALWAYS TRIGGER removal_no_truncate
-- next
CREATE FUNCTION insurance_reviews.removal_leaf() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND e.leaf = convert_to('{"at":' || coalesce(NEW.at::text, 'null')
  || ',"author_key":' || coalesce(to_json(NEW.author_key)::text, 'null')
  || ',"item":' || coalesce(to_json(NEW.item)::text, 'null')
  || ',"redacted":' || coalesce(NEW.redacted, 'null')
  || ',"report":' || coalesce(to_json(NEW.report)::text, 'null')
  || ',"type":' || coalesce(to_json('text.removed'::text)::text, 'null')
  || ',"v":' || coalesce(1::text, 'null') || '}', 'UTF8'))) IS NOT FALSE THEN
    RAISE EXCEPTION 'removal: the row differs from its log entry' USING ERRCODE = 'IR003';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER removal_leaf BEFORE INSERT ON insurance_reviews.insurance_reviews_removal
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.removal_leaf()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_removal ENABLE ALWAYS TRIGGER removal_leaf
-- next
CREATE FUNCTION insurance_reviews.removal_reported() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NEW.report IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_report_item n WHERE n.report = NEW.report AND n.item = NEW.item AND n.log = NEW.log) AND NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_report r WHERE r.id = NEW.report AND r.reasons_item = NEW.item AND r.log = NEW.log) AND NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_acknowledgement a WHERE a.report = NEW.report AND a.note_item = NEW.item AND a.log = NEW.log)) IS NOT FALSE THEN
    RAISE EXCEPTION 'removal: no report names this text' USING ERRCODE = 'IR010';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER removal_reported BEFORE INSERT ON insurance_reviews.insurance_reviews_removal
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.removal_reported()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_removal ENABLE ALWAYS TRIGGER removal_reported
-- next
CREATE FUNCTION insurance_reviews.removal_author() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NEW.author_key IS NOT NULL AND (NEW.author_key !~ '^[0-9a-f]{64}$' OR (SELECT CASE WHEN NEW.author_key ~ '^[0-9a-f]{64}$' THEN encode(sha256('\x696e737572616e63652d726576696577732f617574686f722f763100'::bytea || decode(NEW.author_key, 'hex')), 'hex') END) <> coalesce((SELECT author FROM ONLY insurance_reviews.insurance_reviews_item WHERE id = NEW.item AND log = NEW.log), ''))) IS NOT FALSE THEN
    RAISE EXCEPTION 'removal: the key is not the author''s' USING ERRCODE = 'IR011';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER removal_author BEFORE INSERT ON insurance_reviews.insurance_reviews_removal
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.removal_author()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_removal ENABLE ALWAYS TRIGGER removal_author
-- next
CREATE FUNCTION insurance_reviews.removal_redacted() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NEW.redacted IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_item i WHERE i.id = NEW.redacted_item AND i.kind = 'redacted' AND i.log = NEW.log AND i.entry = NEW.entry AND NEW.redacted = ('{"commitment":"' || i.commitment || '","item":"' || i.id || '","masks":[' || (SELECT string_agg('[' || start || ',' || length || ']', ',' ORDER BY number) FROM (SELECT number, CASE WHEN value::text ~ '^\[(0|[1-9][0-9]{0,8}), [1-9][0-9]{0,8}\]$' THEN (value ->> 0)::int END AS start, CASE WHEN value::text ~ '^\[(0|[1-9][0-9]{0,8}), [1-9][0-9]{0,8}\]$' THEN (value ->> 1)::int END AS length FROM jsonb_array_elements(NEW.redacted::jsonb -> 'masks') WITH ORDINALITY t(value, number)) AS m) || ']}'))) IS NOT FALSE THEN
    RAISE EXCEPTION 'removal: the redacted item differs' USING ERRCODE = 'IR006';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER removal_redacted BEFORE INSERT ON insurance_reviews.insurance_reviews_removal
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.removal_redacted()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_removal ENABLE ALWAYS TRIGGER removal_redacted
-- next
CREATE FUNCTION insurance_reviews.removal_masks() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NEW.redacted IS NOT NULL AND EXISTS (WITH mask AS (SELECT * FROM (SELECT number, CASE WHEN value::text ~ '^\[(0|[1-9][0-9]{0,8}), [1-9][0-9]{0,8}\]$' THEN (value ->> 0)::int END AS start, CASE WHEN value::text ~ '^\[(0|[1-9][0-9]{0,8}), [1-9][0-9]{0,8}\]$' THEN (value ->> 1)::int END AS length FROM jsonb_array_elements(NEW.redacted::jsonb -> 'masks') WITH ORDINALITY t(value, number)) AS m) SELECT 1 FROM mask m WHERE (m.start >= 0 AND m.length >= 1) IS NOT TRUE OR EXISTS (SELECT 1 FROM mask b WHERE b.number = m.number - 1 AND m.start <= b.start + b.length))) IS NOT FALSE THEN
    RAISE EXCEPTION 'removal: the masks are not in order' USING ERRCODE = 'IR017';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER removal_masks BEFORE INSERT ON insurance_reviews.insurance_reviews_removal
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.removal_masks()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_removal ENABLE ALWAYS TRIGGER removal_masks
-- next
CREATE FUNCTION insurance_reviews.content_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'content: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER content_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_content
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.content_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_content ENABLE ALWAYS TRIGGER content_no_update
-- next
CREATE FUNCTION insurance_reviews.content_removal() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_removal r WHERE r.item = OLD.item AND (r.redacted_item IS NULL OR EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_content n WHERE n.item = r.redacted_item)))) IS NOT FALSE THEN
    RAISE EXCEPTION 'content: words go only after their removal' USING ERRCODE = 'IR008';
  END IF;
  RETURN OLD;
END $guard$
-- next
CREATE TRIGGER content_removal BEFORE DELETE ON insurance_reviews.insurance_reviews_content
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.content_removal()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_content ENABLE ALWAYS TRIGGER content_removal
-- next
CREATE FUNCTION insurance_reviews.content_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'content: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER content_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_content
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.content_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_content ENABLE ALWAYS TRIGGER content_no_truncate
-- next
CREATE FUNCTION insurance_reviews.content_gone() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_removal r WHERE r.item = NEW.item)) IS NOT FALSE THEN
    RAISE EXCEPTION 'content: removed words do not return' USING ERRCODE = 'IR009';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER content_gone BEFORE INSERT ON insurance_reviews.insurance_reviews_content
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.content_gone()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_content ENABLE ALWAYS TRIGGER content_gone
-- next
CREATE FUNCTION insurance_reviews.content_form() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NEW.body <> '{"name":' || coalesce(to_json((NEW.body::jsonb #>> '{name}'))::text, 'null')
  || ',"text":' || coalesce(to_json((NEW.body::jsonb #>> '{text}'))::text, 'null') || '}' OR (NEW.body::jsonb #>> '{name}') IS NULL OR (NEW.body::jsonb #>> '{text}') IS NULL) IS NOT FALSE THEN
    RAISE EXCEPTION 'content: the body is not canonical' USING ERRCODE = 'IR009';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER content_form BEFORE INSERT ON insurance_reviews.insurance_reviews_content
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.content_form()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_content ENABLE ALWAYS TRIGGER content_form
-- next
CREATE FUNCTION insurance_reviews.content_redaction() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF ((SELECT i.kind FROM ONLY insurance_reviews.insurance_reviews_item i WHERE i.id = NEW.item) = 'redacted' AND NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_removal r JOIN ONLY insurance_reviews.insurance_reviews_content o ON o.item = r.item WHERE r.redacted_item = NEW.item AND (NEW.body::jsonb #>> '{name}') IS NOT DISTINCT FROM (o.body::jsonb #>> '{name}') AND length((NEW.body::jsonb #>> '{text}')) = length((o.body::jsonb #>> '{text}')) AND (NEW.body::jsonb #>> '{text}') = (WITH RECURSIVE f(n, t) AS (SELECT 0, (o.body::jsonb #>> '{text}') UNION ALL SELECT f.n + 1, overlay(f.t placing repeat('█', (m.value ->> 1)::int) from (m.value ->> 0)::int + 1 for (m.value ->> 1)::int) FROM f JOIN jsonb_array_elements(r.redacted::jsonb -> 'masks') WITH ORDINALITY m(value, number) ON m.number = f.n + 1) SELECT t FROM f ORDER BY n DESC LIMIT 1) AND (o.body::jsonb #>> '{text}') <> (WITH RECURSIVE f(n, t) AS (SELECT 0, (o.body::jsonb #>> '{text}') UNION ALL SELECT f.n + 1, overlay(f.t placing repeat('█', (m.value ->> 1)::int) from (m.value ->> 0)::int + 1 for (m.value ->> 1)::int) FROM f JOIN jsonb_array_elements(r.redacted::jsonb -> 'masks') WITH ORDINALITY m(value, number) ON m.number = f.n + 1) SELECT t FROM f ORDER BY n DESC LIMIT 1))) IS NOT FALSE THEN
    RAISE EXCEPTION 'content: the redaction is not the original with its masks' USING ERRCODE = 'IR012';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER content_redaction BEFORE INSERT ON insurance_reviews.insurance_reviews_content
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.content_redaction()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_content ENABLE ALWAYS TRIGGER content_redaction
-- next
CREATE FUNCTION insurance_reviews.content_commitment() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (encode(sha256('insurance-reviews/content/v1'::bytea || '\x00'::bytea || NEW.salt || convert_to(NEW.body, 'UTF8')), 'hex') <> (SELECT i.commitment FROM ONLY insurance_reviews.insurance_reviews_item i WHERE i.id = NEW.item)) IS NOT FALSE THEN
    RAISE EXCEPTION 'content: the words are not those committed to' USING ERRCODE = 'IR013';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER content_commitment BEFORE INSERT ON insurance_reviews.insurance_reviews_content
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.content_commitment()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_content ENABLE ALWAYS TRIGGER content_commitment
-- next
CREATE FUNCTION insurance_reviews.insurer_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'insurer: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER insurer_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_insurer
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.insurer_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_insurer ENABLE ALWAYS TRIGGER insurer_no_update
-- next
CREATE FUNCTION insurance_reviews.insurer_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'insurer: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER insurer_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_insurer
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.insurer_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_insurer ENABLE ALWAYS TRIGGER insurer_no_delete
-- next
CREATE FUNCTION insurance_reviews.insurer_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'insurer: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER insurer_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_insurer
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.insurer_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_insurer ENABLE ALWAYS TRIGGER insurer_no_truncate
-- next
CREATE FUNCTION insurance_reviews.product_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'product: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER product_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_product
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.product_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_product ENABLE ALWAYS TRIGGER product_no_update
-- next
CREATE FUNCTION insurance_reviews.product_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'product: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER product_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_product
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.product_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_product ENABLE ALWAYS TRIGGER product_no_delete
-- next
CREATE FUNCTION insurance_reviews.product_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'product: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER product_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_product
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.product_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_product ENABLE ALWAYS TRIGGER product_no_truncate
-- next
CREATE FUNCTION insurance_reviews.policy_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'policy: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER policy_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_policy
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.policy_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_policy ENABLE ALWAYS TRIGGER policy_no_update
-- next
CREATE FUNCTION insurance_reviews.policy_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'policy: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER policy_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_policy
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.policy_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_policy ENABLE ALWAYS TRIGGER policy_no_delete
-- next
CREATE FUNCTION insurance_reviews.policy_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'policy: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER policy_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_policy
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.policy_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_policy ENABLE ALWAYS TRIGGER policy_no_truncate
-- next
CREATE FUNCTION insurance_reviews.policy_event_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'policy_event: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER policy_event_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_policy_event
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.policy_event_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_policy_event ENABLE ALWAYS TRIGGER policy_event_no_update
-- next
CREATE FUNCTION insurance_reviews.policy_event_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'policy_event: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER policy_event_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_policy_event
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.policy_event_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_policy_event ENABLE ALWAYS TRIGGER policy_event_no_delete
-- next
CREATE FUNCTION insurance_reviews.policy_event_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'policy_event: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER policy_event_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_policy_event
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.policy_event_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_policy_event ENABLE ALWAYS TRIGGER policy_event_no_truncate
-- next
CREATE FUNCTION insurance_reviews.invitation_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'invitation: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER invitation_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_invitation
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.invitation_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_invitation ENABLE ALWAYS TRIGGER invitation_no_update
-- next
CREATE FUNCTION insurance_reviews.invitation_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'invitation: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER invitation_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_invitation
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.invitation_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_invitation ENABLE ALWAYS TRIGGER invitation_no_delete
-- next
CREATE FUNCTION insurance_reviews.invitation_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'invitation: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER invitation_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_invitation
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.invitation_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_invitation ENABLE ALWAYS TRIGGER invitation_no_truncate
-- next
CREATE FUNCTION insurance_reviews.invitation_leaf() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND e.leaf = convert_to('{"at":' || coalesce(NEW.at::text, 'null')
  || ',"invitation":' || coalesce(to_json(NEW.id)::text, 'null')
  || ',"product":' || coalesce(to_json(NEW.product)::text, 'null')
  || ',"stage":' || coalesce(to_json(NEW.stage)::text, 'null')
  || ',"type":' || coalesce(to_json('invitation.issued'::text)::text, 'null')
  || ',"v":' || coalesce(1::text, 'null') || '}', 'UTF8'))) IS NOT FALSE THEN
    RAISE EXCEPTION 'invitation: the row differs from its log entry' USING ERRCODE = 'IR003';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER invitation_leaf BEFORE INSERT ON insurance_reviews.insurance_reviews_invitation
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.invitation_leaf()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_invitation ENABLE ALWAYS TRIGGER invitation_leaf
-- next
CREATE FUNCTION insurance_reviews.invitation_event() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_policy_event e JOIN ONLY insurance_reviews.insurance_reviews_product p ON p.sku = e.product JOIN ONLY insurance_reviews.insurance_reviews_log l ON l.insurer = p.insurer WHERE e.id = NEW.event AND e.product = NEW.product AND e.stage = NEW.stage AND l.id = NEW.log)) IS NOT FALSE THEN
    RAISE EXCEPTION 'invitation: the policy event differs' USING ERRCODE = 'IR020';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER invitation_event BEFORE INSERT ON insurance_reviews.insurance_reviews_invitation
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.invitation_event()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_invitation ENABLE ALWAYS TRIGGER invitation_event
-- next
CREATE FUNCTION insurance_reviews.review_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'review: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER review_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_review
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.review_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_review ENABLE ALWAYS TRIGGER review_no_update
-- next
CREATE FUNCTION insurance_reviews.review_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'review: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER review_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_review
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.review_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_review ENABLE ALWAYS TRIGGER review_no_delete
-- next
CREATE FUNCTION insurance_reviews.review_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'review: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER review_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_review
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.review_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_review ENABLE ALWAYS TRIGGER review_no_truncate
-- next
CREATE FUNCTION insurance_reviews.review_leaf() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND e.leaf = convert_to('{"aspects":' || coalesce(NEW.aspects, 'null')
  || ',"at":' || coalesce(NEW.at::text, 'null')
  || ',"author":' || coalesce(to_json(NEW.author)::text, 'null')
  || ',"channel":' || coalesce(to_json(NEW.channel)::text, 'null')
  || ',"commitment":' || coalesce(to_json(NEW.commitment)::text, 'null')
  || ',"experienced":' || coalesce(to_json(NEW.experienced)::text, 'null')
  || ',"invitation":' || coalesce(to_json(NEW.invitation)::text, 'null')
  || ',"item":' || coalesce(to_json(NEW.item)::text, 'null')
  || ',"product":' || coalesce(to_json(NEW.product)::text, 'null')
  || ',"review":' || coalesce(to_json(NEW.id)::text, 'null')
  || ',"score":' || coalesce(NEW.score::text, 'null')
  || ',"stage":' || coalesce(to_json(NEW.stage)::text, 'null')
  || ',"type":' || coalesce(to_json('review.submitted'::text)::text, 'null')
  || ',"v":' || coalesce(1::text, 'null') || '}', 'UTF8'))) IS NOT FALSE THEN
    RAISE EXCEPTION 'review: the row differs from its log entry' USING ERRCODE = 'IR003';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER review_leaf BEFORE INSERT ON insurance_reviews.insurance_reviews_review
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.review_leaf()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_review ENABLE ALWAYS TRIGGER review_leaf
-- next
CREATE FUNCTION insurance_reviews.review_invited() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_invitation i JOIN ONLY insurance_reviews.insurance_reviews_policy_event e ON e.id = i.event WHERE i.id = NEW.invitation AND i.log = NEW.log AND i.product = NEW.product AND i.stage = NEW.stage AND substr(e.occurred_on, 1, 7) = NEW.experienced)) IS NOT FALSE THEN
    RAISE EXCEPTION 'review: the invitation differs' USING ERRCODE = 'IR021';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER review_invited BEFORE INSERT ON insurance_reviews.insurance_reviews_review
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.review_invited()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_review ENABLE ALWAYS TRIGGER review_invited
-- next
CREATE FUNCTION insurance_reviews.review_aspects() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NEW.aspects <> (CASE WHEN json_typeof(NEW.aspects::json) = 'object' THEN (SELECT CASE WHEN coalesce(bool_and(value ~ '^[1-5]$' AND key ~ '^[a-z0-9_]+$'), TRUE) AND count(*) = count(DISTINCT key) THEN '{' || coalesce(string_agg('"' || key || '":' || value, ',' ORDER BY key COLLATE "C"), '') || '}' END FROM json_each_text(NEW.aspects::json)) END)) IS NOT FALSE THEN
    RAISE EXCEPTION 'review: the aspects are not scores' USING ERRCODE = 'IR022';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER review_aspects BEFORE INSERT ON insurance_reviews.insurance_reviews_review
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.review_aspects()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_review ENABLE ALWAYS TRIGGER review_aspects
-- next
CREATE FUNCTION insurance_reviews.review_text() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NEW.item IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_item i WHERE i.id = NEW.item AND i.kind = 'review' AND i.log = NEW.log AND i.entry = NEW.entry)) IS NOT FALSE THEN
    RAISE EXCEPTION 'review: the text is another item' USING ERRCODE = 'IR023';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER review_text BEFORE INSERT ON insurance_reviews.insurance_reviews_review
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.review_text()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_review ENABLE ALWAYS TRIGGER review_text
-- next
CREATE FUNCTION insurance_reviews.follow_up_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'follow_up: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER follow_up_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_follow_up
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.follow_up_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_follow_up ENABLE ALWAYS TRIGGER follow_up_no_update
-- next
CREATE FUNCTION insurance_reviews.follow_up_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'follow_up: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER follow_up_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_follow_up
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.follow_up_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_follow_up ENABLE ALWAYS TRIGGER follow_up_no_delete
-- next
CREATE FUNCTION insurance_reviews.follow_up_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'follow_up: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER follow_up_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_follow_up
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.follow_up_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_follow_up ENABLE ALWAYS TRIGGER follow_up_no_truncate
-- next
CREATE FUNCTION insurance_reviews.follow_up_leaf() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND e.leaf = convert_to('{"at":' || coalesce(NEW.at::text, 'null')
  || ',"commitment":' || coalesce(to_json(NEW.commitment)::text, 'null')
  || ',"item":' || coalesce(to_json(NEW.item)::text, 'null')
  || ',"review":' || coalesce(to_json(NEW.review)::text, 'null')
  || ',"type":' || coalesce(to_json('followup.published'::text)::text, 'null')
  || ',"v":' || coalesce(1::text, 'null') || '}', 'UTF8'))) IS NOT FALSE THEN
    RAISE EXCEPTION 'follow_up: the row differs from its log entry' USING ERRCODE = 'IR003';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER follow_up_leaf BEFORE INSERT ON insurance_reviews.insurance_reviews_follow_up
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.follow_up_leaf()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_follow_up ENABLE ALWAYS TRIGGER follow_up_leaf
-- next
CREATE FUNCTION insurance_reviews.follow_up_author() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_item i JOIN ONLY insurance_reviews.insurance_reviews_review r ON r.id = NEW.review AND r.log = NEW.log WHERE i.id = NEW.item AND i.kind = 'follow_up' AND i.entry = NEW.entry AND i.log = NEW.log AND i.author = r.author)) IS NOT FALSE THEN
    RAISE EXCEPTION 'follow_up: the author is another' USING ERRCODE = 'IR024';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER follow_up_author BEFORE INSERT ON insurance_reviews.insurance_reviews_follow_up
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.follow_up_author()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_follow_up ENABLE ALWAYS TRIGGER follow_up_author
-- next
CREATE FUNCTION insurance_reviews.follow_up_open() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (EXISTS (WITH RECURSIVE chain(item) AS (SELECT r.item FROM ONLY insurance_reviews.insurance_reviews_review r WHERE r.id = NEW.review UNION SELECT f.item FROM ONLY insurance_reviews.insurance_reviews_follow_up f WHERE f.review = NEW.review UNION SELECT w.redacted_item FROM insurance_reviews.insurance_reviews_removal w JOIN chain ON w.item = chain.item) SELECT 1 FROM insurance_reviews.insurance_reviews_removal w JOIN chain ON w.item = chain.item WHERE w.author_key IS NOT NULL)) IS NOT FALSE THEN
    RAISE EXCEPTION 'follow_up: the author has withdrawn' USING ERRCODE = 'IR025';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER follow_up_open BEFORE INSERT ON insurance_reviews.insurance_reviews_follow_up
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.follow_up_open()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_follow_up ENABLE ALWAYS TRIGGER follow_up_open
-- next
CREATE FUNCTION insurance_reviews.reply_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'reply: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER reply_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_reply
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.reply_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_reply ENABLE ALWAYS TRIGGER reply_no_update
-- next
CREATE FUNCTION insurance_reviews.reply_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'reply: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER reply_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_reply
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.reply_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_reply ENABLE ALWAYS TRIGGER reply_no_delete
-- next
CREATE FUNCTION insurance_reviews.reply_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'reply: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER reply_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_reply
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.reply_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_reply ENABLE ALWAYS TRIGGER reply_no_truncate
-- next
CREATE FUNCTION insurance_reviews.reply_leaf() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND e.leaf = convert_to('{"at":' || coalesce(NEW.at::text, 'null')
  || ',"commitment":' || coalesce(to_json(NEW.commitment)::text, 'null')
  || ',"item":' || coalesce(to_json(NEW.item)::text, 'null')
  || ',"review":' || coalesce(to_json(NEW.review)::text, 'null')
  || ',"type":' || coalesce(to_json('reply.published'::text)::text, 'null')
  || ',"v":' || coalesce(1::text, 'null')
  || ',"version":' || coalesce(NEW.version::text, 'null') || '}', 'UTF8'))) IS NOT FALSE THEN
    RAISE EXCEPTION 'reply: the row differs from its log entry' USING ERRCODE = 'IR003';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER reply_leaf BEFORE INSERT ON insurance_reviews.insurance_reviews_reply
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.reply_leaf()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_reply ENABLE ALWAYS TRIGGER reply_leaf
-- next
CREATE FUNCTION insurance_reviews.reply_review() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_review r WHERE r.id = NEW.review AND r.log = NEW.log)) IS NOT FALSE THEN
    RAISE EXCEPTION 'reply: the review is of another log' USING ERRCODE = 'IR027';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER reply_review BEFORE INSERT ON insurance_reviews.insurance_reviews_reply
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.reply_review()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_reply ENABLE ALWAYS TRIGGER reply_review
-- next
CREATE FUNCTION insurance_reviews.reply_version() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NEW.version <> 1 + (SELECT count(*) FROM ONLY insurance_reviews.insurance_reviews_reply p WHERE p.review = NEW.review)) IS NOT FALSE THEN
    RAISE EXCEPTION 'reply: the version is not the next' USING ERRCODE = 'IR026';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER reply_version BEFORE INSERT ON insurance_reviews.insurance_reviews_reply
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.reply_version()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_reply ENABLE ALWAYS TRIGGER reply_version
-- next
CREATE FUNCTION insurance_reviews.reply_text() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_item i WHERE i.id = NEW.item AND i.kind = 'reply' AND i.log = NEW.log AND i.entry = NEW.entry)) IS NOT FALSE THEN
    RAISE EXCEPTION 'reply: the text is another item' USING ERRCODE = 'IR023';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER reply_text BEFORE INSERT ON insurance_reviews.insurance_reviews_reply
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.reply_text()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_reply ENABLE ALWAYS TRIGGER reply_text
