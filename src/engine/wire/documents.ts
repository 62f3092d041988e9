import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DocumentRequest, Service } from '../service.ts';
import { firstValues } from './admission.ts';
import type { RequestHead } from './apis.ts';
import { originOf } from './foreign.ts';
import { Router } from './router.ts';

/** Answers a request for a document that everybody may read. False where something else is asked for. */
export type Documents = (
  request: IncomingMessage,
  head: RequestHead & { query: string },
  response: ServerResponse,
) => Promise<boolean>;

interface DocumentPlace {
  method: string;
  uri: string;
  read(request: DocumentRequest): Promise<object>;
}

export function createDocuments(documents: Service['documents'] = {}): Documents {
  const places = Object.entries(documents).map(([uri, read]) => ({ method: 'GET', uri, read }));
  const router = new Router<DocumentPlace>(places);
  return async (request, { method, path, query, headers }, response) => {
    const route = router.findReadable(method, path);
    if (!route) return false;
    const document = await route.place.read({
      labels: route.labels,
      query: firstValues(query),
      headers,
      origin: originOf(request, headers),
    });
    const body = Buffer.from(JSON.stringify(document));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.byteLength });
    response.end(body);
    return true;
  };
}
