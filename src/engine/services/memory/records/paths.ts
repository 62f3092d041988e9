/** A namespace as it is compared: with one slash at each end, as AWS keeps it, e.g. `/strategies/facts-aB3dE5gH7j/actors/anna/`. */
export const pathOf = (namespace: string) => `/${namespace}/`.replace(/^\/+/, '/').replace(/\/+$/, '/');

/** Where a record is looked for. */
export interface Place {
  path: string;
  /** Also in the namespaces below it. */
  below: boolean;
}

export const isIn = ({ path, below }: Place, other: string) =>
  below ? other.startsWith(path) : other === path;

/** The paths of a place lie from the first to before the second, as their bytes order them. */
export function rangeOf({ path, below }: Place): [string, string] {
  return below ? [path, `${path.slice(0, -1)}0`] : [path, `${path}\0`];
}

/** Whether one place has all of another. */
export const covers = (place: Place, other: Place) =>
  place.below ? other.path.startsWith(place.path) : !other.below && other.path === place.path;
