import { z } from 'zod';
import { optionalDate, text, type SearchEngine } from './search-engine.js';

const hit = z
  .object({ title: text, url: text, content: text, publishedDate: optionalDate })
  .transform(({ title, url, content, publishedDate }) => ({
    title,
    url,
    snippet: content,
    date: publishedDate,
  }));

/** A SearXNG of one's own. Its `search.formats` must contain `json`, or it answers 403. */
export const searxng: SearchEngine = {
  ask: ({ query }, base) => {
    const url = new URL(`${base}/search`);
    url.search = new URLSearchParams({ q: query, format: 'json' }).toString();
    return { url };
  },
  answer: z.object({ results: z.array(hit) }).transform(({ results }) => results),
};
