CREATE TABLE insurance_reviews_log_key (
	log INTEGER NOT NULL,
	entry INTEGER NOT NULL,
	at INTEGER NOT NULL,
	"key" TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_log_key PRIMARY KEY (log, entry),
	CONSTRAINT fk_insurance_reviews_log_key_log_entry FOREIGN KEY(log, entry) REFERENCES insurance_reviews_log_entry (log, idx),
	CONSTRAINT uq_insurance_reviews_log_key_log_key UNIQUE (log, "key")
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_cosignature (
	log INTEGER NOT NULL,
	size INTEGER NOT NULL,
	name TEXT NOT NULL,
	at INTEGER NOT NULL,
	line TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_cosignature PRIMARY KEY (log, size, name),
	CONSTRAINT fk_insurance_reviews_cosignature_log_size FOREIGN KEY(log, size) REFERENCES insurance_reviews_log_checkpoint (log, size)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TRIGGER insurance_reviews_log_key_no_update BEFORE UPDATE ON insurance_reviews_log_key
BEGIN SELECT RAISE(ABORT, 'IR001 log_key: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_log_key_no_delete BEFORE DELETE ON insurance_reviews_log_key
BEGIN SELECT RAISE(ABORT, 'IR001 log_key: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_log_key_no_replace BEFORE INSERT ON insurance_reviews_log_key
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_log_key WHERE (log = NEW.log AND entry = NEW.entry) OR (log = NEW.log AND key = NEW.key))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR002 log_key: a row with this key exists'); END
-- next
CREATE TRIGGER insurance_reviews_log_key_leaf BEFORE INSERT ON insurance_reviews_log_key
WHEN (NOT EXISTS (SELECT 1 FROM insurance_reviews_log_entry e WHERE e.log = NEW.log AND e.idx = NEW.entry AND e.leaf = CAST('{"at":' || coalesce(CAST(NEW.at AS TEXT), 'null')
  || ',"key":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace(NEW.key, '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"type":' || coalesce('"' || replace(replace(replace(replace(replace(replace(replace('key.rotated', '\', '\\'), '"', '\"'), char(8), '\b'), char(9), '\t'), char(10), '\n'), char(12), '\f'), char(13), '\r') || '"', 'null')
  || ',"v":' || coalesce(CAST(1 AS TEXT), 'null') || '}' AS BLOB))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR003 log_key: the row differs from its log entry'); END
-- next
CREATE TRIGGER insurance_reviews_cosignature_no_update BEFORE UPDATE ON insurance_reviews_cosignature
BEGIN SELECT RAISE(ABORT, 'IR001 cosignature: UPDATE refused'); END
-- next
CREATE TRIGGER insurance_reviews_cosignature_no_delete BEFORE DELETE ON insurance_reviews_cosignature
BEGIN SELECT RAISE(ABORT, 'IR001 cosignature: DELETE refused'); END
-- next
CREATE TRIGGER insurance_reviews_cosignature_no_replace BEFORE INSERT ON insurance_reviews_cosignature
WHEN (EXISTS (SELECT 1 FROM insurance_reviews_cosignature WHERE (log = NEW.log AND size = NEW.size AND name = NEW.name))) IS NOT FALSE
BEGIN SELECT RAISE(ABORT, 'IR002 cosignature: a row with this key exists'); END
