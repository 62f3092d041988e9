/** Of the answer to CreateEvent: `pending` where the session is still to be learned from, otherwise `none`. */
export const EXTRACTION_HEADER = 'x-agentcore-mcp-extraction';

/**
 * Of the answers to ListEvents and ListMemoryExtractionJobs: how many extraction jobs of those that the listing is about are
 * still to be worked on. Clients of this program wait until it is 0.
 */
export const PENDING_HEADER = 'x-agentcore-mcp-pending';

/** Of the answer to RetrieveMemoryRecords: what to know about how it searched. */
export const NOTE_HEADER = 'x-agentcore-mcp-note';
