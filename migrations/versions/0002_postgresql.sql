CREATE TABLE insurance_reviews_log_key (
	log INTEGER NOT NULL,
	entry BIGINT NOT NULL,
	at BIGINT NOT NULL,
	key TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_log_key PRIMARY KEY (log, entry),
	CONSTRAINT fk_insurance_reviews_log_key_log_entry FOREIGN KEY(log, entry) REFERENCES insurance_reviews_log_entry (log, idx),
	CONSTRAINT uq_insurance_reviews_log_key_log_key UNIQUE (log, key)
)
-- next
CREATE TABLE insurance_reviews_cosignature (
	log INTEGER NOT NULL,
	size BIGINT NOT NULL,
	name TEXT NOT NULL,
	at BIGINT NOT NULL,
	line TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_cosignature PRIMARY KEY (log, size, name),
	CONSTRAINT fk_insurance_reviews_cosignature_log_size FOREIGN KEY(log, size) REFERENCES insurance_reviews_log_checkpoint (log, size)
)
-- next
CREATE FUNCTION insurance_reviews.log_key_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'log_key: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER log_key_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_log_key
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.log_key_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_key ENABLE ALWAYS TRIGGER log_key_no_update
-- next
CREATE FUNCTION insurance_reviews.log_key_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'log_key: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER log_key_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_log_key
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.log_key_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_key ENABLE ALWAYS TRIGGER log_key_no_delete
-- next
CREATE FUNCTION insurance_reviews.log_key_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'log_key: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER log_key_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_log_key
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.log_key_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_key ENABLE ALWAYS TRIGGER log_key_no_truncate
-- next
CREATE FUNCTION insurance_reviews.log_key_leaf() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  IF (NOT EXISTS (SELECT 1 FROM ONLY insurance_reviews.insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND e.leaf = convert_to('{"at":' || coalesce(NEW.at::text, 'null')
  || ',"key":' || coalesce(to_json(NEW.key)::text, 'null')
  || ',"type":' || coalesce(to_json('key.rotated'::text)::text, 'null')
  || ',"v":' || coalesce(1::text, 'null') || '}', 'UTF8'))) IS NOT FALSE THEN
    RAISE EXCEPTION 'log_key: the row differs from its log entry' USING ERRCODE = 'IR003';
  END IF;
  RETURN NEW;
END $guard$
-- next
CREATE TRIGGER log_key_leaf BEFORE INSERT ON insurance_reviews.insurance_reviews_log_key
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.log_key_leaf()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_log_key ENABLE ALWAYS TRIGGER log_key_leaf
-- next
CREATE FUNCTION insurance_reviews.cosignature_no_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'cosignature: UPDATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER cosignature_no_update BEFORE UPDATE ON insurance_reviews.insurance_reviews_cosignature
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.cosignature_no_update()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_cosignature ENABLE ALWAYS TRIGGER cosignature_no_update
-- next
CREATE FUNCTION insurance_reviews.cosignature_no_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'cosignature: DELETE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER cosignature_no_delete BEFORE DELETE ON insurance_reviews.insurance_reviews_cosignature
FOR EACH ROW EXECUTE FUNCTION insurance_reviews.cosignature_no_delete()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_cosignature ENABLE ALWAYS TRIGGER cosignature_no_delete
-- next
CREATE FUNCTION insurance_reviews.cosignature_no_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
  RAISE EXCEPTION 'cosignature: TRUNCATE refused' USING ERRCODE = 'IR001';
END $guard$
-- next
CREATE TRIGGER cosignature_no_truncate BEFORE TRUNCATE ON insurance_reviews.insurance_reviews_cosignature
FOR EACH STATEMENT EXECUTE FUNCTION insurance_reviews.cosignature_no_truncate()
-- next
ALTER TABLE insurance_reviews.insurance_reviews_cosignature ENABLE ALWAYS TRIGGER cosignature_no_truncate
