"""An agent of Strands on its default Bedrock model, with one tool."""

from bedrock_agentcore import BedrockAgentCoreApp
from strands import Agent, tool

app = BedrockAgentCoreApp()


@tool
def word_count(text: str) -> int:
    """Count the words of a text."""
    return len(text.split())


agent = Agent(tools=[word_count], callback_handler=None)


@app.entrypoint
def answer(payload):
    """Answers `{"prompt": ...}`; the conversation goes on within a session."""
    result = agent(payload["prompt"])
    return {"answer": str(result).strip()}


if __name__ == "__main__":
    app.run()
