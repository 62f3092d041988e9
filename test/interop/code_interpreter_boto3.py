"""Drives the code interpreter with unmodified boto3, as configured by the environment, and prints what it saw."""

import json

import boto3
from botocore.exceptions import ClientError, EventStreamError

IDENTIFIER = "aws.codeinterpreter.v1"
client = boto3.client("bedrock-agentcore")


def invoke(session, name, **arguments):
    answer = client.invoke_code_interpreter(
        codeInterpreterIdentifier=IDENTIFIER, sessionId=session, name=name, arguments=arguments
    )
    [result] = [event["result"] for event in answer["stream"]]
    return result


def text(result):
    return result["content"][0]["text"]


def code_of(work):
    try:
        work()
    except (ClientError, EventStreamError) as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]


def main():
    started = client.start_code_interpreter_session(
        codeInterpreterIdentifier=IDENTIFIER, name="boto3", sessionTimeoutSeconds=300
    )
    session = started["sessionId"]
    seen = {"session": session, "createdAt": started["createdAt"].isoformat()}

    invoke(session, "executeCode", language="python", code="x = 6 * 7")
    seen["state"] = invoke(session, "executeCode", language="python", code="print(x)")
    seen["failure"] = invoke(session, "executeCode", language="python", code="1 / 0")
    invoke(session, "executeCode", language="typescript", runtime="nodejs", code="let n: number = 41")
    seen["typescript"] = invoke(session, "executeCode", language="javascript", code="console.log(n + 1)")
    seen["command"] = invoke(session, "executeCommand", command="echo out; echo err >&2; exit 3")

    binary = bytes(range(256))
    seen["written"] = invoke(
        session, "writeFiles", content=[{"path": "a/数据.txt", "text": "日本語\n"}, {"path": "b.bin", "blob": binary}]
    )
    read = invoke(session, "readFiles", paths=["a/数据.txt", "b.bin"])["content"]
    seen["text"] = read[0]["resource"]["text"]
    seen["binaryIntact"] = read[1]["resource"]["blob"] == binary
    seen["listed"] = sorted(entry["name"] for entry in invoke(session, "listFiles", path="")["content"])
    seen["removed"] = text(invoke(session, "removeFiles", paths=["b.bin"]))

    task = invoke(session, "startCommandExecution", command="echo in the background; exec sleep 600")
    seen["task"] = [text(task), task["structuredContent"]["taskStatus"]]
    task_id = task["structuredContent"]["taskId"]
    seen["stoppedTask"] = invoke(session, "stopTask", taskId=task_id)
    seen["taskStatus"] = invoke(session, "getTask", taskId=task_id)["structuredContent"]["taskStatus"]

    seen["ready"] = client.get_code_interpreter_session(codeInterpreterIdentifier=IDENTIFIER, sessionId=session)[
        "status"
    ]
    client.stop_code_interpreter_session(codeInterpreterIdentifier=IDENTIFIER, sessionId=session)
    seen["stopped"] = client.get_code_interpreter_session(codeInterpreterIdentifier=IDENTIFIER, sessionId=session)[
        "status"
    ]
    seen["terminatedIds"] = [
        item["sessionId"]
        for item in client.list_code_interpreter_sessions(codeInterpreterIdentifier=IDENTIFIER, status="TERMINATED")[
            "items"
        ]
    ]
    seen["afterStop"] = code_of(lambda: invoke(session, "executeCode", language="python", code="1"))
    seen["unknown"] = code_of(lambda: invoke("01AAAAAAAAAAAAAAAAAAAAAAAA", "executeCode", language="python", code="1"))
    seen["notYet"] = code_of(lambda: boto3.client("bedrock-agentcore-control").list_gateways())
    print(json.dumps(seen, default=lambda value: f"<{type(value).__name__}>"))


main()
