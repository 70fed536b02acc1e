import { bytes, hasCredentials, ms, optionalText, optionalUrl, refuseUncarriable } from './rules.js';

/** The search by meaning. */
export const embeddingSettings = {
  EMBEDDINGS_MODEL: optionalText.describe(
    'Embedding model; it turns on the search by meaning beside the search by words (docs/search.md)',
  ),
  EMBEDDINGS_BASE_URL: optionalUrl
    .refine((url) => url === undefined || !hasCredentials(url), 'must not contain a user name or password')
    .describe(
      'Base URL of any endpoint with the embeddings API of OpenAI; unset: `OPENAI_BASE_URL`, or OpenAI',
    ),
  EMBEDDINGS_API_KEY: optionalText
    .superRefine(refuseUncarriable)
    .describe('API key for it; unset: `OPENAI_API_KEY`, if that is for the same server'),
  EMBEDDINGS_TIMEOUT_MS: ms
    .max(60_000)
    .default(2000)
    .describe('Longest that a search waits for the search by meaning; then it has only words, ms'),
  EMBEDDINGS_CACHE_BYTES: bytes
    .default(268_435_456)
    .describe('Bytes of memory for vectors; those of more passages are read for each search'),
};

/** What is missing for it: the name of the setting with its sentence. @param given without those that are wrong. */
export function missingForEmbeddings(
  given: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string> {
  const { EMBEDDINGS_MODEL, EMBEDDINGS_BASE_URL, EMBEDDINGS_API_KEY, OPENAI_API_KEY, OPENAI_BASE_URL } =
    given;
  const known = [EMBEDDINGS_BASE_URL, EMBEDDINGS_API_KEY, OPENAI_API_KEY, OPENAI_BASE_URL];
  if (EMBEDDINGS_MODEL === undefined || known.some((one) => one !== undefined)) return new Map();
  const fault =
    'EMBEDDINGS_API_KEY must be set because EMBEDDINGS_MODEL is; or EMBEDDINGS_BASE_URL, for a server that needs no key.';
  return new Map([['EMBEDDINGS_API_KEY', fault]]);
}
