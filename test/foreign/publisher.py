"""A publisher of somebody else: boto3, a body of two keys, no attributes, nothing of Doorbell.

    publisher.py TOPIC_ARN < bodies.ndjson

Rings for the first line alone and for the others ten at a time. Region, credentials and endpoint are found as boto3 finds them.
"""

import json
import sys
from itertools import batched

import boto3


def ring(topic_arn: str, bodies: list[str]) -> None:
    sns = boto3.client("sns")
    alone, *others = bodies
    sns.publish(TopicArn=topic_arn, Message=alone)
    for some in batched(others, 10):
        entries = [{"Id": str(n), "Message": body} for n, body in enumerate(some)]
        answer = sns.publish_batch(TopicArn=topic_arn, PublishBatchRequestEntries=entries)
        if answer.get("Failed"):
            raise SystemExit(f"SNS took some, but not these: {answer['Failed']}")


if __name__ == "__main__":
    # As Python writes JSON, with a space after each colon: whoever compares texts instead of reading them would notice.
    ring(sys.argv[1], [json.dumps(json.loads(line)) for line in sys.stdin])
