import { clickable, isItem } from './roles.ts';
import { type Outline, wordsOf } from './tree.ts';

/** New ids and refs, for all tabs of a browser, so that none is given twice. */
export class Numbers {
  #lastId = 0;
  #lastRef = 0;

  id(): number {
    return ++this.#lastId;
  }

  ref(): string {
    return `e${++this.#lastRef}`;
  }

  /** Whether some element has, or had, this ref. */
  wasGiven(ref: string): boolean {
    return Number(ref.slice(1)) <= this.#lastRef;
  }
}

/**
 * Gives every element of an outline its id and ref: those of the element in the outline before which it still is, or new ones.
 * It is the same where Playwright says so, or where the page was made anew and the same stands in the same place. What
 * can be clicked keeps its ref only with its role and name, so that no ref comes to mean another thing.
 */
export function identify(before: readonly Outline[], now: readonly Outline[], next: Numbers): void {
  const known = new Map<string, Outline>();
  for (const node of everyNode(before)) if (node.handle) known.set(node.handle, node);
  const same = new Map<Outline, Outline>();
  const taken = new Set<Outline>();
  const pair = (node: Outline, earlier: Outline | undefined) => {
    if (!earlier) return false;
    same.set(node, earlier);
    taken.add(earlier);
    return true;
  };
  for (const node of everyNode(now)) if (node.handle) pair(node, known.get(node.handle));

  const align = (earlier: readonly Outline[], nodes: readonly Outline[], isOther: boolean) => {
    const inPlace = (key: (node: Outline) => string, fits: (node: Outline) => boolean) => {
      const free = Map.groupBy(
        earlier.filter((node) => !taken.has(node)),
        key,
      );
      return nodes.filter(
        (node) => !same.has(node) && fits(node) && pair(node, free.get(key(node))?.shift()),
      );
    };
    inPlace(contentOf, ({ role }) => !(isOther && clickable(role)));
    const changed = new Set(inPlace(roleOf, ({ role }) => !clickable(role)));
    for (const node of nodes) {
      const other = isOther || (changed.has(node) && isItem(node.role));
      align(same.get(node)?.children ?? [], node.children, other);
    }
  };
  align(before, now, false);
  for (const node of everyNode(now)) {
    const earlier = same.get(node);
    node.id = earlier?.id ?? next.id();
    node.ref = earlier?.ref ?? (node.isTarget ? next.ref() : undefined);
  }
}

export function* everyNode(nodes: readonly Outline[]): Generator<Outline> {
  for (const node of nodes) {
    yield node;
    yield* everyNode(node.children);
  }
}

const roleOf = ({ role }: Outline): string => role;

function contentOf(node: Outline): string {
  const { role, name } = node;
  return `${role}\n${name ?? ''}\n${clickable(role) ? '' : wordsOf(node)}`;
}
