"""Asks Bedrock Runtime and CloudWatch Logs as agents do, and prints what came as JSON."""

import json
import sys

import boto3
from botocore.exceptions import ClientError, EventStreamError

model, profile = sys.argv[1:]
bedrock, logs = boto3.client("bedrock-runtime"), boto3.client("logs")
seen = {}


def message(text):
    return [{"role": "user", "content": [{"text": text}]}]


content = bedrock.converse(modelId=model, messages=message("Hi"))["output"]["message"]["content"]
seen["converse"] = [content[0]["text"], content[1]["toolUse"]["input"]]
seen["profile"] = bedrock.converse(modelId=profile, messages=message("Hi"))["stopReason"]

try:
    bedrock.converse(modelId="no-such-model", messages=message("Hi"))
except bedrock.exceptions.ResourceNotFoundException as error:
    seen["missing"] = [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]

stream = bedrock.converse_stream(modelId=model, messages=message("Hi"))["stream"]
seen["stream"] = [next(iter(event)) for event in stream]

answer = bedrock.invoke_model(modelId=model, body=json.dumps({"prompt": "Hi"}))
seen["invoke"] = [json.loads(answer["body"].read()), answer["contentType"]]

seen["chunks"] = []
try:
    for event in bedrock.invoke_model_with_response_stream(modelId=model, body="{}")["body"]:
        seen["chunks"].append(event["chunk"]["bytes"].decode())
except EventStreamError as error:
    seen["chunks"].append(error.response["Error"]["Code"])

seen["events"] = logs.get_log_events(logStreamName="s")["events"]
try:
    logs.put_log_events(logGroupName="/none", logStreamName="s", logEvents=[{"timestamp": 1, "message": "x"}])
except logs.exceptions.ResourceNotFoundException as error:
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    seen["group"] = [error.response["Error"]["Code"], status, isinstance(error, ClientError)]

print(json.dumps(seen))
