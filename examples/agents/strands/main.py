"""An agent of Strands on its default Bedrock model, with one tool."""

from bedrock_agentcore import BedrockAgentCoreApp
from strands import Agent, tool

app = BedrockAgentCoreApp()


@tool
def word_count(text: str) -> int:
    """Count the words of a text."""
    return len(text.split())


agent = Agent(tools=[word_count], callback_handler=None)


async def pieces(prompt):
    """The answer, piece by piece as the model gives it."""
    async for event in agent.stream_async(prompt):
        if "data" in event:
            yield event["data"]


@app.entrypoint
def answer(payload):
    """Answers `{"prompt": ...}`, in pieces with `"stream": true`; the conversation goes on within a session."""
    if payload.get("stream"):
        return pieces(payload["prompt"])
    result = agent(payload["prompt"])
    return {"answer": str(result).strip(), "messages": len(agent.messages)}


if __name__ == "__main__":
    app.run()
