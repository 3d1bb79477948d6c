"""Products by psycopg: writes one and rings, in one transaction, with nothing of Doorbell.

    psycopg.py DATABASE_URL < put.json

Prints the version. With "fails": true it fails after the ring; a refusal of the database is printed as it is.
"""

import json
import sys

import psycopg


def put(url: str, *, sku: str, price: int, id: str, type: str, fails: bool) -> int:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into product values (%s, %s, %s) on conflict (sku) do update set price = excluded.price",
            (sku, sku, price),
        )
        cursor.execute('select doorbell.ring(%s, %s)', (id, type))
        (version,) = cursor.fetchone()
        if fails:
            raise RuntimeError("the last step fails")
        return version


if __name__ == "__main__":
    print(put(sys.argv[1], **json.load(sys.stdin)))
