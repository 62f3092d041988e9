"""A LangGraph agent on Bedrock's Converse: a model that may call a tool, and a graph that runs it."""

import os

from bedrock_agentcore import BedrockAgentCoreApp
from langchain_aws import ChatBedrockConverse
from langchain_core.messages import HumanMessage
from langchain_core.tools import tool
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

app = BedrockAgentCoreApp()


@tool
def add(a: float, b: float) -> float:
    """Add two numbers."""
    return a + b


tools = [add]
model = ChatBedrockConverse(model=os.environ.get("MODEL_ID", "us.anthropic.claude-sonnet-4-5-20250929-v1:0")).bind_tools(tools)


def think(state: MessagesState):
    return {"messages": [model.invoke(state["messages"])]}


graph = StateGraph(MessagesState)
graph.add_node("think", think)
graph.add_node("tools", ToolNode(tools))
graph.add_edge(START, "think")
graph.add_conditional_edges("think", tools_condition)
graph.add_edge("tools", "think")
agent = graph.compile()


@app.entrypoint
def answer(payload):
    """Answers `{"prompt": ...}`."""
    messages = agent.invoke({"messages": [HumanMessage(payload["prompt"])]})["messages"]
    return {"answer": messages[-1].text, "steps": len(messages)}


if __name__ == "__main__":
    app.run()
