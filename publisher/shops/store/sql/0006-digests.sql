-- Where a shop stands among the buckets of the digests (docs/decisions/0019-digests-by-bucket.md). Over 1,000,000 shops it makes
-- a look into one bucket 4 to 40 ms instead of 500, takes 51 MB, and 1.4 s to build, in which nobody can write. The expression
-- never changes for a shop, so an update touches it no more than the primary key (HOT).
create index shop_bucket on shop (substr(sha256(id::bytea), 1, 4));
