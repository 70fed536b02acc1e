import { z } from 'zod';
import { optionalDate, text, type SearchEngine } from './search-engine.js';

const hit = z
  .object({ title: text, url: text, content: text, published_date: optionalDate })
  .transform(({ title, url, content, published_date }) => ({
    title,
    url,
    snippet: content,
    date: published_date,
  }));

/** tavily.com, made for agents. */
export const tavily: SearchEngine = {
  home: 'https://api.tavily.com',
  ask: ({ query, num_results }, base, key) => ({
    url: new URL(`${base}/search`),
    headers: { authorization: `Bearer ${key}` },
    body: { query, max_results: num_results, search_depth: 'basic' },
  }),
  answer: z.object({ results: z.array(hit) }).transform(({ results }) => results),
};
