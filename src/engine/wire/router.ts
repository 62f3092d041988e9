import type { Model, Operation } from './schemas.ts';

/** The operation a request is for, and its path labels, percent-decoded. */
export interface Route {
  operation: Operation<Model>;
  labels: Readonly<Record<string, string>>;
}

/** What can be asked for: an HTTP method and the template of a path. */
export interface Place {
  method: string;
  /** E.g. `/runtimes/{agentRuntimeArn}/ws`. */
  uri: string;
}

/** Places below one point of a path. */
interface Node<P extends Place> {
  fixed: Map<string, Node<P>>;
  label?: Node<P>;
  /** By HTTP method. */
  places: Map<string, P>;
}

/**
 * Finds places, such as operations, by method and raw path. The path is split before it is decoded, so a label may contain an encoded
 * slash; a fixed segment wins over a label; one trailing slash more or less makes no difference. A label is never empty,
 * `.` or `..`.
 *
 * The models know neither greedy labels nor fixed query parameters.
 */
export class Router<P extends Place> {
  readonly #root = newNode<P>();

  constructor(places: Iterable<P>) {
    for (const place of places) {
      let node = this.#root;
      for (const segment of segmentsOf(place.uri)) {
        node = isLabel(segment) ? labelOf(node) : fixedOf(node, segment);
      }
      node.places.set(place.method, place);
    }
  }

  /**
   * @param path Percent-encoded, as it came over the socket.
   * @throws URIError where a label is not percent-encoded UTF-8.
   */
  find(method: string, path: string): { place: P; labels: Readonly<Record<string, string>> } | undefined {
    const segments = segmentsOf(path);
    const place = path.startsWith('/') ? search(this.#root, segments, 0, method) : undefined;
    if (!place) return undefined;
    const labels: Record<string, string> = {};
    segmentsOf(place.uri).forEach((template, index) => {
      if (isLabel(template)) labels[template.slice(1, -1)] = decodeURIComponent(segments[index] ?? '');
    });
    return { place, labels };
  }

  /** As {@link find}; nothing is where a label cannot be read. */
  findReadable(method: string, path: string): ReturnType<Router<P>['find']> {
    try {
      return this.find(method, path);
    } catch {
      return undefined;
    }
  }
}

function search<P extends Place>(
  node: Node<P>,
  segments: readonly string[],
  index: number,
  method: string,
): P | undefined {
  const segment = segments[index];
  if (segment === undefined) return node.places.get(method);
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

function newNode<P extends Place>(): Node<P> {
  return { fixed: new Map(), places: new Map() };
}

function labelOf<P extends Place>(node: Node<P>): Node<P> {
  node.label ??= newNode();
  return node.label;
}

function fixedOf<P extends Place>(node: Node<P>, segment: string): Node<P> {
  const next = node.fixed.get(segment) ?? newNode<P>();
  node.fixed.set(segment, next);
  return next;
}
