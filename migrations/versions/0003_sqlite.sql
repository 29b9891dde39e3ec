CREATE TABLE insurance_reviews_search_document (
	"key" INTEGER NOT NULL,
	facets TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_search_document PRIMARY KEY ("key")
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_search_state (
	id INTEGER NOT NULL CONSTRAINT ck_insurance_reviews_search_state_one CHECK (id = 1),
	segmenter TEXT NOT NULL,
	target TEXT,
	position INTEGER,
	CONSTRAINT pk_insurance_reviews_search_state PRIMARY KEY (id)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_month_count (
	product TEXT NOT NULL,
	stage TEXT NOT NULL,
	month TEXT NOT NULL,
	n INTEGER NOT NULL,
	total INTEGER NOT NULL,
	CONSTRAINT pk_insurance_reviews_month_count PRIMARY KEY (product, stage, month),
	CONSTRAINT fk_insurance_reviews_month_count_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_topic_count (
	product TEXT NOT NULL,
	stage TEXT NOT NULL,
	topic TEXT NOT NULL,
	score INTEGER NOT NULL,
	n INTEGER NOT NULL,
	CONSTRAINT pk_insurance_reviews_topic_count PRIMARY KEY (product, stage, topic, score),
	CONSTRAINT fk_insurance_reviews_topic_count_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE TABLE insurance_reviews_search_part (
	"key" INTEGER NOT NULL,
	item TEXT NOT NULL,
	kind TEXT NOT NULL CONSTRAINT ck_insurance_reviews_search_part_kind_known CHECK (kind IN ('review', 'follow_up', 'reply')),
	folded TEXT NOT NULL,
	words TEXT NOT NULL,
	topics TEXT NOT NULL,
	CONSTRAINT pk_insurance_reviews_search_part PRIMARY KEY ("key", item),
	CONSTRAINT fk_insurance_reviews_search_part_key FOREIGN KEY("key") REFERENCES insurance_reviews_search_document ("key"),
	CONSTRAINT fk_insurance_reviews_search_part_item FOREIGN KEY(item) REFERENCES insurance_reviews_item (id)
)
 WITHOUT ROWID,
 STRICT
-- next
CREATE INDEX ix_insurance_reviews_review_at ON insurance_reviews_review (product, at, entry)
-- next
CREATE VIRTUAL TABLE insurance_reviews_search_index USING fts5(tokens, content='', detail='none', columnsize=0, tokenize='ascii')
