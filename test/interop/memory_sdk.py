"""Remembers through bedrock-agentcore's clients and boto3, as configured by the environment, and prints what they saw."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

from bedrock_agentcore.memory import MemoryClient
from bedrock_agentcore.memory.constants import (
    BlobMessage,
    ConversationalMessage,
    MessageRole,
    RetrievalConfig,
    StrategyType,
)
from bedrock_agentcore.memory.session import MemorySessionManager
from botocore.exceptions import ClientError

client = MemoryClient()
start = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(days=1)


def at(minutes):
    return start + timedelta(minutes=minutes)


def texts(events):
    return [part["conversational"]["content"]["text"] for event in events for part in event["payload"]]


def through_memory_client():
    strategies = [
        {StrategyType.SEMANTIC.value: {"name": "facts", "namespaceTemplates": ["/facts/{actorId}/"]}},
        {StrategyType.SUMMARY.value: {"name": "summaries"}},
    ]
    memory = client.create_memory_and_wait("notes", strategies, poll_interval=0.1)
    again = client.create_or_get_memory("notes", strategies)
    here = {"memory_id": memory["id"], "actor_id": "anna", "session_id": "one"}

    def said(minutes, *messages, **more):
        return client.create_event(**here, messages=list(messages), event_timestamp=at(minutes), **more)

    first = said(0, ("I live in Oslo and I work as a baker.", "USER"), ("Good to know.", "ASSISTANT"))
    said(1, ("What is the weather?", "USER"), ("Cold.", "ASSISTANT"), metadata={"tone": {"stringValue": "dry"}})
    client.fork_conversation(
        **here,
        root_event_id=first["eventId"],
        branch_name="again",
        new_messages=[("Is it snowing?", "USER")],
        event_timestamp=at(2),
    )
    client.create_blob_event(**here, blob_data={"step": 1, "π": [None, 1.5]}, event_timestamp=at(3))
    turns = client.get_last_k_turns(**here, k=2, branch_name="again", include_branches=True)
    dry = {
        "left": {"metadataKey": "tone"},
        "operator": "EQUALS_TO",
        "right": {"metadataValue": {"stringValue": "dry"}},
    }
    found = client.wait_for_memories(
        memory["id"], "/facts/anna/", test_query="home town", max_wait=60, poll_interval=0.2
    )
    retrieved = client.retrieve_memories(
        memory["id"], namespace_path="/facts/", query="Where does the user live?", top_k=3
    )
    answer = {
        "memory": [memory["status"], again["id"] == memory["id"], len(client.get_memory_strategies(memory["id"]))],
        "events": len(client.list_events(**here)),
        "dry": texts(client.list_events(**here, event_metadata=[dry])),
        "blob": client.list_events(**here, max_results=1)[0]["payload"],
        "without": [sorted(event) for event in client.list_events(**here, max_results=1, include_payload=False)],
        "turns": [[message["content"]["text"] for message in turn] for turn in turns],
        "branches": sorted(branch["name"] for branch in client.list_branches(**here)),
        "branch": texts(client.list_branch_events(**here, branch_name="again")),
        "with its parents": texts(
            client.list_branch_events(**here, branch_name="again", include_parent_branches=True)
        ),
        "found": found,
        "retrieved": [[record["content"]["text"], record["score"] > 0] for record in retrieved],
    }
    changed = client.add_user_preference_strategy_and_wait(memory["id"], "likes", poll_interval=0.1)
    [likes] = [one for one in changed["strategies"] if one["name"] == "likes"]
    client.modify_strategy(memory["id"], likes["strategyId"], description="of food")
    client.delete_strategy(memory["id"], likes["strategyId"])
    answer["strategies"] = [one["name"] for one in client.get_memory_strategies(memory["id"])]
    client.delete_memory_and_wait(memory["id"], poll_interval=0.1)
    answer["left"] = memory["id"] in [one["id"] for one in client.list_memories()]
    return answer


def through_sessions():
    strategy = {StrategyType.SEMANTIC.value: {"name": "facts", "namespaceTemplates": ["/facts/{actorId}/"]}}
    memory = client.create_memory_and_wait("sessions", [strategy], poll_interval=0.1)
    manager = MemorySessionManager(memory_id=memory["id"])
    bob = manager.create_memory_session("bob/of:sales", "two")
    user, assistant = MessageRole.USER, MessageRole.ASSISTANT
    first = bob.add_turns(
        [
            ConversationalMessage("My dog is called Rex. I love jazz.", user),
            ConversationalMessage("A good name.", assistant),
            BlobMessage({"seen": True}),
        ],
        event_timestamp=at(0),
    )
    bob.add_turns([ConversationalMessage("Let us go on.", user)], event_timestamp=at(0) + timedelta(milliseconds=5))
    bob.fork_conversation(
        messages=[ConversationalMessage("Another way.", user)],
        root_event_id=first["eventId"],
        branch_name="other",
        event_timestamp=at(1),
    )
    seen = []

    def llm(asked, memories):
        seen.extend(memories)
        return f"You asked: {asked}"

    client.wait_for_memories(memory["id"], "/facts/bob/of:sales/", test_query="pet", max_wait=60, poll_interval=0.2)
    namespace = "/facts/{actorId}/"
    _, said, _ = bob.process_turn_with_llm(
        "What is my dog called?", llm, retrieval_config={namespace: RetrievalConfig(top_k=2, relevance_score=0.1)}
    )
    records = bob.list_long_term_memory_records(namespace="/facts/bob/of:sales/")
    [dog] = [one for one in records if "Rex" in one["content"]["text"]]
    answer = {
        "turns": [[message["content"]["text"] for message in turn] for turn in bob.get_last_k_turns(k=1)],
        "events": len(bob.list_events()),
        "branches": sorted(branch["name"] for branch in bob.list_branches()),
        "event": bob.get_event(first["eventId"])["eventId"] == first["eventId"],
        "milliseconds": sorted(event["eventTimestamp"].microsecond // 1000 for event in bob.list_events())[-1] > 0,
        "actors": [actor["actorId"] for actor in manager.list_actors()],
        "sessions": [session["sessionId"] for session in bob.get_actor().list_sessions()],
        "said": said,
        "told": any("Rex" in str(memory) for memory in seen),
        "search": [
            "Rex" in record["content"]["text"]
            for record in bob.search_long_term_memories(
                "the name of the pet", namespace_path="/facts/", top_k=1
            )
        ],
        "record": bob.get_memory_record(dog["memoryRecordId"])["content"] == dog["content"],
    }
    manager.delete_memory_record(dog["memoryRecordId"])
    manager.delete_all_long_term_memories_in_namespace("/facts/bob/of:sales/")
    answer["records left"] = len(bob.list_long_term_memory_records(namespace="/facts/bob/of:sales/"))
    bob.delete_event(first["eventId"])
    answer["events left"] = len(bob.list_events())
    return answer


def through_boto3():
    control, data = client.gmcp_client, client.gmdp_client
    indexed = [{"key": "area", "type": "STRING"}]
    memory = control.create_memory(name="records", eventExpiryDuration=7, indexedKeys=indexed)["memory"]["id"]
    control.get_waiter("memory_created").wait(memoryId=memory, WaiterConfig={"Delay": 1})
    facts = ["The dog eats meat.", "The boat is red.", "Der Zug fährt um acht."]
    records = [
        {
            "requestIdentifier": f"r{index}",
            "namespaces": [f"/kept/{index % 2}"],
            "content": {"text": fact},
            "timestamp": at(index),
            "metadata": {"area": {"stringValue": "home" if index == 0 else "travel"}},
        }
        for index, fact in enumerate(facts)
    ]
    made = data.batch_create_memory_records(memoryId=memory, records=records)
    ids = {one["requestIdentifier"]: one["memoryRecordId"] for one in made["successfulRecords"]}
    change = {"memoryRecordId": ids["r1"], "timestamp": at(9), "content": {"text": "The boat is blue."}}
    data.batch_update_memory_records(memoryId=memory, records=[change])
    unknown = {"memoryRecordId": f"mem-{'0' * 36}"}
    removed = data.batch_delete_memory_records(memoryId=memory, records=[{"memoryRecordId": ids["r2"]}, unknown])
    pages = data.get_paginator("list_memory_records").paginate(
        memoryId=memory, namespacePath="/kept", PaginationConfig={"PageSize": 1}
    )
    travel = {
        "left": {"metadataKey": "area"},
        "operator": "EQUALS_TO",
        "right": {"metadataValue": {"stringValue": "travel"}},
    }
    found, deadline = [], time.monotonic() + 60
    # By meaning, once the embedding model is there.
    while not found and time.monotonic() < deadline:
        found = data.retrieve_memory_records(
            memoryId=memory,
            namespacePath="/kept",
            searchCriteria={"searchQuery": "colour of the ship", "metadataFilters": [travel]},
        )["memoryRecordSummaries"]
    try:
        data.list_events(memoryId="nothing-0123456789", actorId="anna", sessionId="one")
    except ClientError as error:
        refused = [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
    return {
        "made": len(ids),
        "removed": [len(removed["successfulRecords"]), len(removed["failedRecords"])],
        "listed": sorted(one["content"]["text"] for page in pages for one in page["memoryRecordSummaries"]),
        "found": [one["content"]["text"] for one in found],
        "jobs": data.list_memory_extraction_jobs(memoryId=memory)["jobs"],
        "refused": refused,
    }


work = {"client": through_memory_client, "sessions": through_sessions, "boto3": through_boto3}
with ThreadPoolExecutor() as pool:
    parts = {name: pool.submit(part) for name, part in work.items()}
    print(json.dumps({name: part.result() for name, part in parts.items()}))
