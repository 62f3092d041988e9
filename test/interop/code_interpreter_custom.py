"""Makes a code interpreter with internet by AgentCore's own Python SDK, unmodified, installs a package in a session of it, and prints what it saw."""

import json

from bedrock_agentcore.tools.code_interpreter_client import CodeInterpreter, code_session
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::000000000000:role/code"
maker = CodeInterpreter("us-east-1")
control = maker.control_plane_client


def last(answer):
    result = [event["result"] for event in answer["stream"]][-1]
    return result["structuredContent"]["stdout"]


def code_of(work):
    try:
        work()
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]


made = maker.create_code_interpreter("installer", ROLE, tags={"team": "a"})
interpreter = made["codeInterpreterId"]
seen = {"interpreter": interpreter, "arn": made["codeInterpreterArn"]}
described = maker.get_code_interpreter(interpreter)
seen["mode"] = described["networkConfiguration"]["networkMode"]
seen["status"] = described["status"]
seen["tags"] = control.list_tags_for_resource(resourceArn=made["codeInterpreterArn"])["tags"]
seen["taken"] = code_of(lambda: maker.create_code_interpreter("installer", ROLE))
seen["ids"] = [one["codeInterpreterId"] for one in maker.list_code_interpreters()["codeInterpreterSummaries"]]

with code_session("us-east-1", identifier=interpreter) as client:
    seen["installed"] = last(client.install_packages(["cowsay==6.1"])).strip().splitlines()[-1]
    seen["imported"] = last(client.execute_code("import cowsay\nprint(cowsay.__version__)"))
    seen["program"] = last(client.execute_command("cowsay -t moo | head -2 | tail -1"))
    seen["listed"] = [item["sessionId"] == client.session_id for item in client.list_sessions(status="READY")["items"]]
    seen["busy"] = code_of(lambda: maker.delete_code_interpreter(interpreter))

seen["deleted"] = maker.delete_code_interpreter(interpreter)["status"]
seen["gone"] = code_of(lambda: maker.get_code_interpreter(interpreter))
print(json.dumps(seen))
