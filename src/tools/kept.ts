import { randomBytes } from 'node:crypto';

const MAX_RESULTS = 64;
const MAX_CHARACTERS = 32 * 1024 * 1024;
/** Of a page. Common clients refuse messages of more than 1 MB, and a letter may take six bytes of JSON. */
const PAGE_CHARACTERS = 150_000;
const LIFETIME_MS = 60 * 60 * 1000;

/** The full texts of results that were cut, for an hour, as long as there is room; the oldest go first. */
export class KeptResults {
  readonly #texts = new Map<string, { text: string; until: number }>();

  /** @returns the id under which {@link read} finds the text. */
  keep(text: string): string {
    const id = randomBytes(8).toString('hex');
    this.#texts.set(id, { text, until: Date.now() + LIFETIME_MS });
    let size = [...this.#texts.values()].reduce((sum, kept) => sum + kept.text.length, 0);
    for (const [oldest, kept] of this.#texts) {
      const fits = this.#texts.size <= MAX_RESULTS && size <= MAX_CHARACTERS;
      if (oldest === id || (fits && kept.until > Date.now())) break;
      this.#texts.delete(oldest);
      size -= kept.text.length;
    }
    return id;
  }

  /** The text of a result in pages. @returns undefined for an id that is not, or no longer, known. */
  read(id: string): string[] | undefined {
    const kept = this.#texts.get(id);
    return kept && kept.until > Date.now() ? pagesOf(kept.text) : undefined;
  }
}

function pagesOf(text: string): string[] {
  const pages: string[] = [];
  let rest = text;
  do {
    // A character of two code units stays whole.
    const end = PAGE_CHARACTERS - (/[\ud800-\udbff]/.test(rest[PAGE_CHARACTERS - 1] ?? '') ? 1 : 0);
    pages.push(rest.slice(0, end));
    rest = rest.slice(end);
  } while (rest !== '');
  return pages;
}
