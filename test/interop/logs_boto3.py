"""Writes and reads logs with unmodified boto3, as configured by the environment, and prints what it saw."""

import json
import logging
import time

import boto3
from botocore.exceptions import ClientError

GROUP = "/agents/hello"
STREAM = "2026/[runtime-logs]é"
client = boto3.client("logs")
now = int(time.time() * 1000)


def code_of(work):
    try:
        work()
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return [error.response["Error"]["Code"], status, error.response["Error"]["Message"]]


class Handler(logging.Handler):
    """What log handlers for CloudWatch do."""

    def emit(self, record):
        event = {"timestamp": int(record.created * 1000), "message": self.format(record)}
        client.put_log_events(logGroupName=GROUP, logStreamName=STREAM, logEvents=[event])


client.create_log_group(logGroupName=GROUP, tags={"made": "here"})
client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
logger = logging.getLogger("agent")
logger.addHandler(Handler())
for number in range(7):
    logger.error("ERROR %d 日本", number)
batch = [{"timestamp": now + 10_000 + index, "message": f"line {index}"} for index in range(500)]
put = client.put_log_events(logGroupName=GROUP, logStreamName=STREAM, logEvents=batch)

pages = client.get_paginator("filter_log_events").paginate(
    logGroupName=GROUP, filterPattern="line -line1", PaginationConfig={"PageSize": 200}
)
filtered = [event for page in pages for event in page["events"]]

seen, token = [], None
while True:
    more = {"nextToken": token} if token else {}
    page = client.get_log_events(
        logGroupName=GROUP, logStreamName=STREAM, startFromHead=True, limit=100, **more
    )
    seen += page["events"]
    if page["nextForwardToken"] == token:
        break
    token = page["nextForwardToken"]

[group] = client.describe_log_groups(logGroupNamePrefix="/agents")["logGroups"]
[stream] = client.describe_log_streams(logGroupIdentifier=group["logGroupArn"], orderBy="LastEventTime")[
    "logStreams"
]
answer = {
    "sequence": isinstance(put["nextSequenceToken"], str),
    "filtered": len(filtered),
    "distinct": len({event["eventId"] for event in filtered}),
    "read": len(seen),
    "first": seen[0]["message"],
    "last": seen[-1]["message"],
    "group": group["logGroupName"],
    "stream": [stream["logStreamName"], stream["lastEventTimestamp"] == now + 10_499],
    "exists": code_of(lambda: client.create_log_group(logGroupName=GROUP)),
    "unknown": code_of(lambda: client.get_log_events(logGroupName="/no", logStreamName=STREAM)),
    "pattern": code_of(lambda: client.filter_log_events(logGroupName=GROUP, filterPattern="{ $.a = 1 }")),
}
client.delete_log_stream(logGroupName=GROUP, logStreamName=STREAM)
client.delete_log_group(logGroupName=GROUP)
answer["left"] = client.describe_log_groups()["logGroups"]
print(json.dumps(answer))
