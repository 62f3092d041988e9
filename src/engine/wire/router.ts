import type { Operation } from './operations.ts';

/** The operation a request is for, and its path labels, percent-decoded. */
export interface Route {
  operation: Operation;
  labels: Readonly<Record<string, string>>;
}

/** Operations below one point of a path. */
interface Node {
  fixed: Map<string, Node>;
  label?: Node;
  /** By HTTP method. */
  operations: Map<string, Operation>;
}

/**
 * Finds operations by method and raw path. The path is split before it is decoded, so a label may contain an encoded
 * slash; a fixed segment wins over a label; one trailing slash more or less makes no difference. A label is never empty,
 * `.` or `..`.
 *
 * The models know neither greedy labels nor fixed query parameters.
 */
export class Router {
  readonly #root = newNode();

  constructor(operations: Iterable<Operation>) {
    for (const operation of operations) {
      let node = this.#root;
      for (const segment of segmentsOf(operation.uri)) {
        node = isLabel(segment) ? labelOf(node) : fixedOf(node, segment);
      }
      node.operations.set(operation.method, operation);
    }
  }

  /**
   * @param path Percent-encoded, as it came over the socket.
   * @throws URIError where a label is not percent-encoded UTF-8.
   */
  find(method: string, path: string): Route | undefined {
    const segments = segmentsOf(path);
    const operation = path.startsWith('/') ? search(this.#root, segments, 0, method) : undefined;
    if (!operation) return undefined;
    const labels: Record<string, string> = {};
    segmentsOf(operation.uri).forEach((template, index) => {
      if (isLabel(template)) labels[template.slice(1, -1)] = decodeURIComponent(segments[index] ?? '');
    });
    return { operation, labels };
  }
}

function search(
  node: Node,
  segments: readonly string[],
  index: number,
  method: string,
): Operation | undefined {
  const segment = segments[index];
  if (segment === undefined) return node.operations.get(method);
  const fixed = node.fixed.get(segment);
  const found = fixed && search(fixed, segments, index + 1, method);
  if (found || !node.label || segment === '' || segment === '.' || segment === '..') return found;
  return search(node.label, segments, index + 1, method);
}

function segmentsOf(path: string): string[] {
  return path.slice(1, path.length > 1 && path.endsWith('/') ? -1 : undefined).split('/');
}

function isLabel(segment: string): boolean {
  return segment.startsWith('{');
}

function newNode(): Node {
  return { fixed: new Map(), operations: new Map() };
}

function labelOf(node: Node): Node {
  node.label ??= newNode();
  return node.label;
}

function fixedOf(node: Node, segment: string): Node {
  const next = node.fixed.get(segment) ?? newNode();
  node.fixed.set(segment, next);
  return next;
}
