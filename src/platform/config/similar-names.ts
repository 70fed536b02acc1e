/** Names that other programs use for the same thing. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  OPENAI_API_BASE: 'OPENAI_BASE_URL',
  OPENAI_API_BASE_URL: 'OPENAI_BASE_URL',
  OPENAI_API_URL: 'OPENAI_BASE_URL',
  OPENAI_KEY: 'OPENAI_API_KEY',
  OPENAI_MODEL_NAME: 'OPENAI_MODEL',
  MONGO_URI: 'MONGODB_URI',
  MONGO_URL: 'MONGODB_URI',
  MONGODB_URL: 'MONGODB_URI',
  REDIS_URI: 'REDIS_URL',
};

/** Shorter names resemble too many others: `HOST` and `HOSTNAME`, `ROLE` and `ROLES`. */
const LONG_ENOUGH = 8;
const SLIPS = 2;

/** A name that is set, and the setting that was probably meant. */
export interface SimilarName {
  given: string;
  meant: string;
}

/** Names in the environment that are not settings but look like a misspelled, unset one. */
export function similarNames(
  env: Readonly<Record<string, string | undefined>>,
  settings: readonly string[],
): SimilarName[] {
  const known = new Set(settings);
  const free = settings.filter((name) => !env[name]);
  const found = Object.keys(env)
    .filter((given) => env[given] && !known.has(given))
    .map((given) => ({ given, meant: meantBy(given, free) }));
  return found.filter((one): one is SimilarName => one.meant !== undefined);
}

function meantBy(given: string, free: readonly string[]): string | undefined {
  const other = OTHER_NAMES[given];
  if (other !== undefined) return free.find((name) => name === other);
  const plain = bare(given);
  const written = free.find((name) => bare(name) === plain && (name.includes('_') || given === name));
  if (written !== undefined || given.length < LONG_ENOUGH) return written;
  // Only names written like a setting; an unrelated name differs in its first word.
  const [first] = given.split('_');
  return free.find(
    (name) => name.length >= LONG_ENOUGH && name.split('_')[0] === first && distance(name, given) <= SLIPS,
  );
}

const bare = (name: string): string => name.replace(/[_-]/g, '').toUpperCase();

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
