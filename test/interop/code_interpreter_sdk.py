"""Drives the code interpreter with AgentCore's own Python SDK, unmodified, and prints what it saw."""

import json

from bedrock_agentcore.tools.code_interpreter_client import CodeInterpreter, code_session


def last(answer):
    return [event["result"] for event in answer["stream"]][-1]


with code_session("us-east-1") as client:
    seen = {"session": client.session_id}
    client.upload_file("data.csv", "city,people\nTōkyō,14\n日本,125\n")
    client.upload_file("raw.bin", b"\xff\x00\xfe")
    seen["pandas"] = last(
        client.execute_code("import pandas as pd\nframe = pd.read_csv('data.csv')\nprint(int(frame.people.sum()))")
    )
    seen["command"] = last(client.execute_command("wc -l < data.csv"))
    seen["downloaded"] = client.download_file("data.csv")
    seen["binaryIntact"] = client.download_file("raw.bin") == b"\xff\x00\xfe"
    client.execute_code("kept = 1")
    client.clear_context()
    seen["cleared"] = last(client.execute_code("kept"))
    seen["listed"] = [item["sessionId"] for item in client.list_sessions(status="READY")["items"]]

reader = CodeInterpreter("us-east-1")
seen["statusAfter"] = reader.get_session("aws.codeinterpreter.v1", seen["session"])["status"]
print(json.dumps(seen, default=str))
