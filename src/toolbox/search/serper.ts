import { z } from 'zod';
import { optionalDate, text, type SearchEngine } from './search-engine.js';

const hit = z
  .object({ title: text, link: text, snippet: text, date: optionalDate })
  .transform(({ link, ...rest }) => ({ ...rest, url: link }));

/** Google's results through serper.dev. */
export const serper: SearchEngine = {
  home: 'https://google.serper.dev',
  ask: ({ query, num_results }, base, key) => ({
    url: new URL(`${base}/search`),
    headers: { 'x-api-key': key },
    body: { q: query, num: num_results },
  }),
  // a search without results has no `organic`
  answer: z.object({ organic: z.array(hit).default([]) }).transform(({ organic }) => organic),
};
