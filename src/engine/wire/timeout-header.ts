/** A positive whole number of milliseconds: the wall-clock limit that a caller who waits sets. AWS ignores it. */
export const TIMEOUT_HEADER = 'x-agentcore-mcp-timeout-ms';
