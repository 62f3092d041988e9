"""Streams its answer: what the generator yields goes out at once, as server-sent events."""

import asyncio

from bedrock_agentcore import BedrockAgentCoreApp

app = BedrockAgentCoreApp()


@app.entrypoint
async def count(payload):
    """Counts to `{"to": ...}`, a number every `{"every": ...}` seconds."""
    for number in range(1, int(payload.get("to", 5)) + 1):
        yield {"number": number}
        await asyncio.sleep(float(payload.get("every", 0.2)))


if __name__ == "__main__":
    app.run()
