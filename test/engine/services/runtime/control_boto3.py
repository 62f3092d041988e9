"""The life of an agent's control plane, by an unmodified boto3. The endpoint and keys come from the environment."""

import json
import time

import boto3

control = boto3.client("bedrock-agentcore-control")
account = "123456789012"
role = f"arn:aws:iam::{account}:role/agent"
artifact = {
    "codeConfiguration": {
        "code": {"s3": {"bucket": "agents", "prefix": "echo.zip"}},
        "runtime": "PYTHON_3_13",
        "entryPoint": ["main.py"],
    }
}


def settled(runtime_id):
    while True:
        got = control.get_agent_runtime(agentRuntimeId=runtime_id)
        if not got["status"].endswith("ING"):
            return got
        time.sleep(0.05)


created = control.create_agent_runtime(
    agentRuntimeName="boto",
    agentRuntimeArtifact=artifact,
    roleArn=role,
    networkConfiguration={"networkMode": "PUBLIC"},
    environmentVariables={"A": "1"},
    tags={"team": "a"},
)
runtime_id = created["agentRuntimeId"]
first = settled(runtime_id)
control.create_agent_runtime_endpoint(agentRuntimeId=runtime_id, name="prod", agentRuntimeVersion="1")
control.update_agent_runtime(
    agentRuntimeId=runtime_id,
    agentRuntimeArtifact=first["agentRuntimeArtifact"],
    roleArn=role,
    networkConfiguration=first["networkConfiguration"],
)
second = settled(runtime_id)
endpoints = control.list_agent_runtime_endpoints(agentRuntimeId=runtime_id)["runtimeEndpoints"]
pages = control.get_paginator("list_agent_runtime_versions").paginate(
    agentRuntimeId=runtime_id, PaginationConfig={"PageSize": 1}
)
versions = [one["agentRuntimeVersion"] for page in pages for one in page["agentRuntimes"]]
tags = control.list_tags_for_resource(resourceArn=created["agentRuntimeArn"])["tags"]
try:
    control.create_agent_runtime(
        agentRuntimeName="boto", agentRuntimeArtifact=artifact, roleArn=role, networkConfiguration={"networkMode": "PUBLIC"}
    )
except control.exceptions.ConflictException as error:
    taken = error.response["Error"]["Code"]
deleting = control.delete_agent_runtime(agentRuntimeId=runtime_id)["status"]
try:
    while True:
        control.get_agent_runtime(agentRuntimeId=runtime_id)
        time.sleep(0.05)
except control.exceptions.ResourceNotFoundException:
    gone = True

print(
    json.dumps(
        {
            "first": [created["status"], created["agentRuntimeVersion"], first["status"], first["environmentVariables"]],
            "second": [second["status"], second["agentRuntimeVersion"], "environmentVariables" in second],
            "endpoints": {one["name"]: one["liveVersion"] for one in endpoints},
            "versions": versions,
            "tags": tags,
            "taken": taken,
            "deleting": deleting,
            "gone": gone,
        }
    )
)
