CREATE TABLE insurance_reviews_removal_count (
	product TEXT NOT NULL,
	ground TEXT NOT NULL,
	n BIGINT NOT NULL,
	CONSTRAINT pk_insurance_reviews_removal_count PRIMARY KEY (product, ground),
	CONSTRAINT fk_insurance_reviews_removal_count_product FOREIGN KEY(product) REFERENCES insurance_reviews_product (sku)
)
