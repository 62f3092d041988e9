"""
Keeps LangGraph's checkpoints and what it remembers in a memory, with langgraph-checkpoint-aws as configured by the
environment: `begin` makes it and prints its id, `go-on <id>` is another process that goes on. Both print what they saw.
"""

import json
import sys
import time

import boto3
from langchain_core.messages import HumanMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import Command, interrupt
from langgraph_checkpoint_aws import AgentCoreMemorySaver, AgentCoreMemoryStore


def plan(state):
    return {"messages": [("ai", f"I would: {state['messages'][-1].content}")]}


def approve(state):
    return {"messages": [("human", interrupt("May I?"))]}


def act(state):
    return {"messages": [("ai", f"Done, {len(state['messages'])} messages.")]}


def graph_of(memory_id, checkpoint_format):
    graph = StateGraph(MessagesState)
    for node in (plan, approve, act):
        graph.add_node(node.__name__, node)
    for one, next_one in ((START, "plan"), ("plan", "approve"), ("approve", "act"), ("act", END)):
        graph.add_edge(one, next_one)
    return graph.compile(
        checkpointer=AgentCoreMemorySaver(memory_id, checkpoint_format=checkpoint_format)
    )


def thread(name):
    return {"configurable": {"thread_id": name, "actor_id": "anna"}}


def said(state):
    return [message.content for message in state["messages"]]


def begin():
    strategy = {"semanticMemoryStrategy": {"name": "facts", "namespaceTemplates": ["/facts/{actorId}/"]}}
    memory_id = boto3.client("bedrock-agentcore-control").create_memory(
        name="graphs", eventExpiryDuration=7, memoryStrategies=[strategy]
    )["memory"]["id"]
    store = AgentCoreMemoryStore(memory_id=memory_id)
    store.put(("anna", "chat"), "1", {"message": HumanMessage("I live in Oslo.")})
    seen = {"id": memory_id}
    for kind in ("legacy", "snapshot"):
        graph = graph_of(memory_id, kind)
        for name in ("one", "two"):
            asked = graph.invoke({"messages": [("human", f"Book {name} 予約")]}, thread(f"{kind}-{name}"))
            seen[f"{kind} {name}"] = [said(asked), [one.value for one in asked["__interrupt__"]]]
        done = graph.invoke(Command(resume="Yes"), thread(f"{kind}-two"))
        seen[f"{kind} two"] = said(done)
    return seen


def go_on(memory_id):
    seen = {}
    for kind in ("legacy", "snapshot"):
        graph = graph_of(memory_id, kind)
        waiting = graph.get_state(thread(f"{kind}-one"))
        seen[f"{kind} waits"] = [list(waiting.next), len(waiting.tasks[0].interrupts)]
        seen[f"{kind} one"] = said(graph.invoke(Command(resume="Do"), thread(f"{kind}-one")))
        seen[f"{kind} two"] = said(graph.get_state(thread(f"{kind}-two")).values)
        history = list(graph.get_state_history(thread(f"{kind}-one")))
        seen[f"{kind} history"] = [len(state.values.get("messages", [])) for state in history]
        earlier = graph.get_state(history[2].config)
        seen[f"{kind} earlier"] = list(earlier.next)
        graph.checkpointer.delete_thread(f"{kind}-two", "anna")
        seen[f"{kind} deleted"] = graph.get_state(thread(f"{kind}-two")).values
    store = AgentCoreMemoryStore(memory_id=memory_id)
    deadline = time.monotonic() + 60
    while not (found := store.search(("facts", "anna"), query="Where is home?", limit=1)):
        if time.monotonic() > deadline:
            break
        time.sleep(0.2)
    seen["found"] = [one.value["content"] for one in found]
    got = store.get(("facts", "anna"), found[0].key)
    seen["got"] = got.value == found[0].value
    seen["unknown"] = store.get(("facts", "anna"), f"mem-{'0' * 36}")
    seen["of nobody"] = store.search(("facts", "bob"), query="Where is home?")
    return seen


print(json.dumps(begin() if sys.argv[1] == "begin" else go_on(sys.argv[2])))
