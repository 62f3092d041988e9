"""Makes a memory, fills it with events, reads and deletes them with unmodified boto3, and prints what it saw."""

import json
from datetime import datetime, timedelta, timezone

import boto3
from botocore.exceptions import ClientError

control = boto3.client("bedrock-agentcore-control")
data = boto3.client("bedrock-agentcore")
start = datetime(2026, 11, 20, 9, 30, tzinfo=timezone.utc)


def code_of(work, **arguments):
    try:
        work(**arguments)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]


made = control.create_memory(
    name="talks",
    eventExpiryDuration=7,
    memoryStrategies=[{"summaryMemoryStrategy": {"name": "summaries"}}],
    tags={"team": "blue"},
)["memory"]
memory = made["id"]
control.get_waiter("memory_created").wait(memoryId=memory, WaiterConfig={"Delay": 1})
status = control.get_memory(memoryId=memory, view="without_decryption")["memory"]["status"]
tags = control.list_tags_for_resource(resourceArn=made["arn"])["tags"]

here = {"memoryId": memory, "actorId": "team/anna:1", "sessionId": "one"}
ids = []
for number in range(25):
    branch = {"branch": {"name": "other", "rootEventId": ids[4]}} if number >= 20 else {}
    message = {"conversational": {"role": "USER", "content": {"text": f"message {number}"}}}
    event = data.create_event(
        **here,
        **branch,
        eventTimestamp=start + timedelta(milliseconds=number),
        payload=[message] if number else [message, {"blob": {"step": [1, None]}}, {"blob": "aGk="}],
        extractionMode="SKIP",
    )["event"]
    ids.append(event["eventId"])
data.create_event(
    memoryId=memory, actorId="bob", sessionId="two", eventTimestamp=start, payload=[], extractionMode="SKIP"
)


def numbers(**more):
    pages = data.get_paginator("list_events").paginate(**here, **more, PaginationConfig={"PageSize": 6})
    events = [event for page in pages for event in page["events"]]
    return [ids.index(event["eventId"]) for event in events]


def all_of(operation, member, key, **more):
    pages = data.get_paginator(operation).paginate(memoryId=memory, **more, PaginationConfig={"PageSize": 1})
    return [one[key] for page in pages for one in page[member]]


branch = {"name": "other", "includeParentBranches": True}
first = data.get_event(**here, eventId=ids[0])["event"]
removed = data.delete_event(**here, eventId=ids[24])["eventId"] == ids[24]
seen = {
    "memory": [made["status"], status, tags],
    "all": numbers(),
    "branch": numbers(filter={"branch": branch}),
    "payload": first["payload"],
    "time": first["eventTimestamp"] == start,
    "removed": [removed, code_of(data.get_event, **here, eventId=ids[24])],
    "actors": all_of("list_actors", "actorSummaries", "actorId"),
    "sessions": all_of("list_sessions", "sessionSummaries", "sessionId", actorId="bob"),
    "too many": code_of(data.list_events, **here, maxResults=101),
    "taken": code_of(control.create_memory, name="talks", eventExpiryDuration=7),
}
control.delete_memory(memoryId=memory)
seen["deleted"] = code_of(control.get_memory, memoryId=memory)
pages = control.get_paginator("list_memories").paginate(PaginationConfig={"PageSize": 1})
seen["left"] = [one["id"] for page in pages for one in page["memories"]]
print(json.dumps(seen))
