import { type JSONRPCRequest, ProtocolError, Server, type ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';

const INVALID_PARAMS = -32602;

type Handler = (request: JSONRPCRequest, context: ServerContext) => Promise<{ [key: string]: unknown }>;

/**
 * The SDK's server, with one thing set right: it answers params that do not fit a method as an internal error that
 * holds a dump of its validator.
 */
export class RpcServer extends Server {
  protected override _wrapHandler(method: string, handler: Handler): Handler {
    const wrapped = super._wrapHandler(method, handler);
    return async (request, context) => {
      try {
        return await wrapped(request, context);
      } catch (error) {
        const problem = problemOf(error);
        throw problem ? new ProtocolError(INVALID_PARAMS, `Invalid params for ${method}: ${problem}`) : error;
      }
    };
  }
}

const dump = z
  .array(z.object({ path: z.array(z.union([z.string(), z.number()])), message: z.string() }))
  .min(1);

/** What the validator found, in one line; undefined for every other error. */
function problemOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !error.message.startsWith('[')) return undefined;
  try {
    const issues = dump.parse(JSON.parse(error.message));
    return issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  } catch {
    return undefined;
  }
}
