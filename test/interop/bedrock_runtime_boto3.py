"""
Drives Bedrock Runtime with unmodified boto3 at the endpoint and with the keys of the environment, and prints what it
saw. With the argument `leave` it goes away in the middle of a stream.
"""

import json
import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError

MODEL = "us.anthropic.claude-sonnet-4-20250514-v1:0"
TOOL = {
    "toolSpec": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "inputSchema": {"json": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}},
    }
}
client = boto3.client("bedrock-runtime", config=Config(retries={"total_max_attempts": 1}))


def user(*content):
    return {"role": "user", "content": list(content)}


def code_of(work):
    try:
        work()
    except (ClientError, EventStreamError) as error:
        return [error.response["Error"]["Code"], error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")]


def anthropic(text):
    return json.dumps(
        {
            "anthropic_version": "bedrock-2023-05-31",
            "max_tokens": 100,
            "messages": [{"role": "user", "content": [{"type": "text", "text": text}]}],
        }
    )


def leave():
    stream = client.converse_stream(modelId=MODEL, messages=[user({"text": "Go on slowly"})])["stream"]
    for event in stream:
        if "contentBlockDelta" in event:
            os._exit(0)


def see():
    weather = [user({"text": "The weather in Oslo?"})]
    called = client.converse(modelId=MODEL, messages=weather, toolConfig={"tools": [TOOL]})
    [use] = [block["toolUse"] for block in called["output"]["message"]["content"] if "toolUse" in block]
    result = {"toolResult": {"toolUseId": use["toolUseId"], "content": [{"json": {"celsius": 3}}]}}
    weather += [called["output"]["message"], user(result)]
    answered = client.converse(modelId=MODEL, messages=weather, toolConfig={"tools": [TOOL]})

    streamed = client.converse_stream(
        modelId=MODEL,
        messages=[user({"text": "What is on it?"}, {"image": {"format": "png", "source": {"bytes": b"pixels"}}})],
        system=[{"text": "Be kind."}],
        inferenceConfig={"maxTokens": 50, "temperature": 0.1},
    )
    events = list(streamed["stream"])

    invoked = client.invoke_model(modelId=MODEL, body=anthropic("hi"))
    chunks = client.invoke_model_with_response_stream(modelId=MODEL, body=anthropic("hi"))["body"]
    return {
        "called": {"stopReason": called["stopReason"], "use": use},
        "answered": answered["output"]["message"]["content"],
        "usage": answered["usage"],
        "answeredBy": answered["additionalModelResponseFields"]["answeredBy"],
        "events": [list(event)[0] for event in events],
        "text": "".join(event["contentBlockDelta"]["delta"]["text"] for event in events if "contentBlockDelta" in event),
        "invoked": json.loads(invoked["body"].read()),
        "chunks": [json.loads(event["chunk"]["bytes"])["type"] for event in chunks],
        "throttled": code_of(lambda: client.converse(modelId=MODEL, messages=[user({"text": "Too much"})])),
        "titan": code_of(lambda: client.invoke_model(modelId="amazon.titan-text", body='{"inputText": "hi"}')),
        "guarded": code_of(
            lambda: client.converse(
                modelId=MODEL,
                messages=[user({"text": "hi"})],
                guardrailConfig={"guardrailIdentifier": "abc", "guardrailVersion": "1"},
            )
        ),
        "broken": code_of(
            lambda: list(client.converse_stream(modelId=MODEL, messages=[user({"text": "Break off"})])["stream"])
        ),
    }


if sys.argv[1:] == ["leave"]:
    leave()
print(json.dumps(see()))
