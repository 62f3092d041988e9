import { z } from 'zod';
import { actionNames } from './browsing/names.ts';
import { defineTool, foreign } from './define.ts';

const MAX_STEPS = 50;
const DEFAULT_SECONDS = 15;

const step = z.strictObject({
  action: z.enum(actionNames),
  target: z.string().optional().describe('e12, button "Name", text=, label=, CSS'),
  value: z.string().optional().describe('URL, text, key...; secret:ENV_NAME'),
});

const input = z.strictObject({
  steps: z.array(step).max(MAX_STEPS).optional(),
  session: z.string().max(200).optional().describe('Answered, or your own label'),
  profile: z.string().max(200).optional(),
  handover: z.boolean().optional().describe('A person takes over'),
  timeout_seconds: z.int().min(1).max(300).default(DEFAULT_SECONDS).describe('Per step'),
});

const output = z.object({
  session: z.string(),
  results: foreign(z.string().optional()),
  page: foreign(z.string().optional()),
  saved: z.array(z.string()).optional(),
  note: z.string().optional(),
});

export type BrowseArguments = z.output<typeof input>;
export type Browsed = z.output<typeof output>;

export const browse = defineTool({
  name: 'browse',
  title: 'Browse',
  toolset: 'browser',
  kind: 'execute',
  long: true,
  startsSessions: true,
  cutCure: 'name a part of the page as target',
  imagesCure: 'take one screenshot a call, of a target',
  description:
    'Use web pages in a browser, many steps a call. Shows pages with refs, then changes. Values: fill {"label": "text"}; click double; drag target; wait text, gone, idle, ms; tab new, close, number; dialog accept, dismiss, text; upload file or [files]; download, pdf, screenshot file.',
  input,
  output,
  async handle(args, call) {
    const { browseWith } = await import('./browsing/browse-with.ts');
    return browseWith(args, call);
  },
});
