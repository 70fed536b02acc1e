import { z } from 'zod';
import type { ApiQuestion } from '../shared/json-api.js';

/** One result, as the engine gave it. */
export interface RawHit {
  title: string;
  url: string;
  snippet: string;
  date?: string | undefined;
}

/** What is searched for. */
export interface SearchQuery {
  query: string;
  num_results: number;
}

/** A web search API: how to ask it, and how to read its answer. */
export interface SearchEngine {
  /** Where it is if the settings name no other place; missing for engines that everybody runs themselves. */
  readonly home?: string;
  /** @param base without a slash at the end. */
  ask(
    query: SearchQuery,
    base: string,
    key: string,
  ): Pick<ApiQuestion<z.ZodType>, 'url' | 'headers' | 'body'>;
  /** What it answers, as hits. */
  readonly answer: z.ZodType<RawHit[]>;
}

/** Text of an engine: what is missing or of another type is empty. */
export const text = z.string().catch('');
export const optionalDate = z.string().optional().catch(undefined);
