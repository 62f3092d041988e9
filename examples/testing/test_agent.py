import boto3
import pytest

INTERPRETER = {"codeInterpreterIdentifier": "aws.codeinterpreter.v1"}


@pytest.fixture
def client(agentcore):
    return boto3.client("bedrock-agentcore")


def run(client, session, code):
    answer = client.invoke_code_interpreter(
        **INTERPRETER, sessionId=session, name="executeCode", arguments={"language": "python", "code": code}
    )
    return "".join(event["result"]["structuredContent"]["stdout"] for event in answer["stream"])


def test_a_session_keeps_variables_until_it_expires(client, agentcore):
    session = client.start_code_interpreter_session(**INTERPRETER, sessionTimeoutSeconds=3600)["sessionId"]
    run(client, session, "kept = 6 * 7")
    agentcore.advance(seconds=3590)
    assert run(client, session, "print(kept)").strip() == "42"
    agentcore.advance(seconds=10)
    with pytest.raises(client.exceptions.ConflictException, match="time to live of 3600 s"):
        run(client, session, "print(kept)")


def test_a_throttled_call_is_repeated(client, agentcore):
    agentcore.fail("StartCodeInterpreterSession", error="ThrottlingException", times=1)
    answer = client.start_code_interpreter_session(**INTERPRETER)
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1
    assert agentcore.faults()[0]["struck"] == 1


def test_a_reset_leaves_nothing(client, agentcore):
    client.start_code_interpreter_session(**INTERPRETER)
    assert len(client.list_code_interpreter_sessions(**INTERPRETER)["items"]) == 1
    agentcore.reset()
    assert client.list_code_interpreter_sessions(**INTERPRETER)["items"] == []
