"""The whole life of an agent with unmodified boto3, as configured by the environment. Prints what it saw."""

import io
import json
import time
import uuid
import zipfile
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

BUCKET = "agents-of-boto3"
ROLE = "arn:aws:iam::000000000000:role/agent"

s3 = boto3.client("s3")
control = boto3.client("bedrock-agentcore-control")
data = boto3.client("bedrock-agentcore")
logs = boto3.client("logs")


def upload(version):
    source = Path(__file__).with_name("agents_versioned.py").read_text()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as code:
        code.writestr("main.py", source.replace("VERSION = None", f"VERSION = {version!r}"))
    s3.put_object(Bucket=BUCKET, Key=f"agent-{version}.zip", Body=content.getvalue())
    return {
        "codeConfiguration": {
            "code": {"s3": {"bucket": BUCKET, "prefix": f"agent-{version}.zip"}},
            "runtime": "PYTHON_3_12",
            "entryPoint": ["main.py"],
        }
    }


def settled(get):
    while True:
        got = get()
        if not got["status"].endswith("ING"):
            return got
        time.sleep(0.05)


def code_of(work):
    try:
        work()
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
    return "accepted"


def invoke(arn, session, payload, **more):
    return data.invoke_agent_runtime(
        agentRuntimeArn=arn, runtimeSessionId=session, payload=json.dumps(payload).encode(), **more
    )


def ask(arn, session, prompt, **more):
    return json.loads(invoke(arn, session, {"prompt": prompt}, **more)["response"].read())


def main():
    s3.create_bucket(Bucket=BUCKET)
    settings = {
        "roleArn": ROLE,
        "networkConfiguration": {"networkMode": "PUBLIC"},
        "environmentVariables": {"GREETING": "hello"},
    }
    created = control.create_agent_runtime(
        agentRuntimeName="versioned", agentRuntimeArtifact=upload("1"), **settings
    )
    arn, runtime_id = created["agentRuntimeArn"], created["agentRuntimeId"]
    get = lambda: control.get_agent_runtime(agentRuntimeId=runtime_id)
    seen = {"created": [created["status"], created["agentRuntimeVersion"], settled(get)["status"]]}

    session = str(uuid.uuid4())
    streamed = invoke(arn, session, {"stream": 3})
    seen["streamed"] = [streamed["contentType"], [line.decode() for line in streamed["response"].iter_lines() if line]]
    seen["sameSession"] = streamed["runtimeSessionId"] == session
    seen["answer"] = ask(arn, session, "one") == {"version": "1", "prompts": ["one"], "greeting": "hello", "session": session}
    command = data.invoke_agent_runtime_command(
        agentRuntimeArn=arn, runtimeSessionId=session, body={"command": "cat /tmp/prompts; echo $GREETING >&2; exit 3"}
    )
    chunks = [event["chunk"] for event in command["stream"]]
    deltas = [chunk["contentDelta"] for chunk in chunks if "contentDelta" in chunk]
    seen["command"] = [
        "".join(delta.get("stdout", "") for delta in deltas),
        "".join(delta.get("stderr", "") for delta in deltas),
        chunks[-1]["contentStop"],
    ]

    control.update_agent_runtime(agentRuntimeId=runtime_id, agentRuntimeArtifact=upload("2"), **settings)
    seen["updated"] = settled(get)["agentRuntimeVersion"]
    endpoint = {"agentRuntimeId": runtime_id, "endpointName": "prod"}
    get_endpoint = lambda: control.get_agent_runtime_endpoint(**endpoint)
    control.create_agent_runtime_endpoint(agentRuntimeId=runtime_id, name="prod", agentRuntimeVersion="1")
    settled(get_endpoint)
    version = lambda **more: ask(arn, str(uuid.uuid4()), "which", **more)["version"]
    seen["versions"] = {"DEFAULT": version(), "prod": version(qualifier="prod")}
    seen["running"] = ask(arn, session, "two")["prompts"]
    for number in ["2", "1"]:
        control.update_agent_runtime_endpoint(**endpoint, agentRuntimeVersion=number)
        seen[f"rolledTo{number}"] = [settled(get_endpoint)["liveVersion"], version(qualifier="prod")]

    stop = lambda: data.stop_runtime_session(agentRuntimeArn=arn, runtimeSessionId=session)
    seen["stopped"] = stop()["statusCode"]
    seen["stoppedAgain"] = code_of(stop)
    revived = ask(arn, session, "three")
    seen["revived"] = [revived["version"], revived["prompts"]]

    group = f"/aws/bedrock-agentcore/runtimes/{runtime_id}-DEFAULT"
    events = logs.filter_log_events(logGroupName=group, filterPattern='"asked"')["events"]
    seen["logged"] = [event["message"] for event in events if session in event["logStreamName"]]

    control.delete_agent_runtime_endpoint(**endpoint)
    while code_of(get_endpoint) == "accepted":
        time.sleep(0.05)
    seen["withoutEndpoint"] = code_of(lambda: version(qualifier="prod"))
    seen["deleting"] = control.delete_agent_runtime(agentRuntimeId=runtime_id)["status"]
    while code_of(get) == "accepted":
        time.sleep(0.05)
    seen["deleted"] = code_of(lambda: version())
    print(json.dumps(seen))


main()
