/** How well questions were answered. */
export interface Measures {
  questions: number;
  /** The share of questions with a right record in the first place. */
  r1: number;
  /** The same, among the first five. */
  r5: number;
  /** The mean of one divided by the place of the first right record; 0 where there is none among the first hundred. */
  mrr: number;
}

export const DEPTH = 100;

/** @param places of the first right record of each question, from 1; undefined where it was not found. */
export function measure(places: readonly (number | undefined)[]): Measures {
  const share = (worth: (place: number) => number) =>
    places.reduce((sum: number, place) => sum + (place ? worth(place) : 0), 0) / Math.max(places.length, 1);
  return {
    questions: places.length,
    r1: share((place) => (place === 1 ? 1 : 0)),
    r5: share((place) => (place <= 5 ? 1 : 0)),
    mrr: share((place) => 1 / place),
  };
}
