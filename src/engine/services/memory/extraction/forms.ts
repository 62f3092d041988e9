import { z } from 'zod';

/** A record's text is at most so long. */
export const MAX_TEXT = 16_000;

const words = z.string().trim().min(1).max(MAX_TEXT);

/** What models answer for one record, and its text. */
export interface Form<Item> {
  /** The tool that gives several, and the one that decides about one. */
  tools: { extraction: string; consolidation: string };
  item: z.ZodType<Item>;
  text(item: Item): string;
}

export const factForm: Form<string> = {
  tools: { extraction: 'give_facts', consolidation: 'decide_on_fact' },
  item: words.describe('One sentence that can be understood alone.'),
  text: (fact) => fact,
};

export interface Preference {
  context: string;
  preference: string;
  categories: string[];
}

export const preferenceForm: Form<Preference> = {
  tools: { extraction: 'give_preferences', consolidation: 'decide_on_preference' },
  item: z.object({
    context: z.string().trim().max(4_000),
    preference: words.max(8_000),
    categories: z.array(z.string().trim().min(1).max(100)).max(10),
  }),
  text: ({ context, preference, categories }) => JSON.stringify({ context, preference, categories }),
};
