"""Not an agent but a server of tools for agents: a runtime with the MCP protocol."""

from mcp.server import MCPServer

server = MCPServer("dice")


@server.tool()
def add(a: int, b: int) -> int:
    """Add two whole numbers."""
    return a + b


if __name__ == "__main__":
    server.run(transport="streamable-http", host="0.0.0.0", port=8000, stateless_http=True)
