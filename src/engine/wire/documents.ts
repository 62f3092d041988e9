import type { ServerResponse } from 'node:http';
import type { DocumentRequest, Service } from '../service.ts';
import { firstValues } from './admission.ts';
import type { RequestHead } from './apis.ts';
import { Router } from './router.ts';

/** Answers a request for a document that everybody may read. False where something else is asked for. */
export type Documents = (head: RequestHead, query: string, response: ServerResponse) => Promise<boolean>;

interface DocumentPlace {
  method: string;
  uri: string;
  read(request: DocumentRequest): Promise<object>;
}

export function createDocuments(documents: Service['documents'] = {}): Documents {
  const places = Object.entries(documents).map(([uri, read]) => ({ method: 'GET', uri, read }));
  const router = new Router<DocumentPlace>(places);
  return async ({ method, path, headers }, query, response) => {
    const route = find(router, method, path);
    if (!route) return false;
    const document = await route.place.read({ labels: route.labels, query: firstValues(query), headers });
    const body = Buffer.from(JSON.stringify(document));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.byteLength });
    response.end(body);
    return true;
  };
}

function find(router: Router<DocumentPlace>, method: string, path: string) {
  try {
    return router.find(method, path);
  } catch {
    return undefined;
  }
}
