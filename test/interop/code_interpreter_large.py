"""Asks for answers about as large as an event may be, with unmodified boto3, and prints how much arrived."""

import json

import boto3

IDENTIFIER = "aws.codeinterpreter.v1"
client = boto3.client("bedrock-agentcore")
session = client.start_code_interpreter_session(codeInterpreterIdentifier=IDENTIFIER)["sessionId"]


def invoke(name, **arguments):
    answer = client.invoke_code_interpreter(
        codeInterpreterIdentifier=IDENTIFIER, sessionId=session, name=name, arguments=arguments
    )
    [result] = [event["result"] for event in answer["stream"]]
    return result


invoke("executeCommand", command="head -c 18000000 /dev/urandom > large.bin")
flood = invoke("executeCode", language="python", code="print('\\0' * 9_000_000)")
seen = {
    "file": [len(block["resource"]["blob"]) for block in invoke("readFiles", paths=["large.bin"])["content"]],
    "printed": len(flood["structuredContent"]["stdout"]),
    "note": flood["structuredContent"]["stderr"],
    "saved": len(invoke("readFiles", paths=["long-output/1.txt"])["content"][0]["resource"]["blob"]),
}
client.stop_code_interpreter_session(codeInterpreterIdentifier=IDENTIFIER, sessionId=session)
print(json.dumps(seen))
