import { CHECKS, type CheckName } from './checks.js';

/** What somebody may notice. */
export interface Symptom {
  title: string;
  /** Other words for it: a question that is a part of one of these means this symptom. */
  also: readonly string[];
  /** Where the cause may be, the likeliest first. */
  checks: readonly CheckName[];
}

/** The symptoms that `/health/diagnose` knows, by name. */
export const SYMPTOMS = {
  connection_refused: {
    title: 'Clients cannot connect',
    also: ['connection refused errors', 'cannot connect to service', 'service unavailable', '502', '503'],
    checks: ['address', 'process', 'database', 'streams', 'refusals'],
  },
  rate_limit_exceeded: {
    title: 'Requests are refused because there are too many',
    also: ['429 status codes', 'rate limit error messages', 'too many requests'],
    checks: ['refusals', 'model_calls', 'queue', 'streams'],
  },
  memory_leak: {
    title: 'Memory grows, or the process is killed for it',
    also: ['increasing memory usage', 'oom kills', 'out of memory', 'slow performance over time'],
    checks: ['process', 'streams', 'queue'],
  },
  slow_responses: {
    title: 'Everything is slow',
    also: ['high latency', 'timeouts', 'poor user experience'],
    checks: ['process', 'database', 'write', 'commits', 'queue', 'model_calls', 'disk'],
  },
  slow_first_token: {
    title: 'Answers begin late',
    also: ['slow first token', 'time to first token', 'long wait for the answer'],
    checks: ['queue', 'model', 'model_calls', 'write', 'commits', 'process', 'mcp', 'proxy'],
  },
  streams_stop: {
    title: 'Streams stop before the answer is complete',
    also: ['stream stops', 'stream disconnects', 'stream cut', 'connection closed', 'reconnects'],
    checks: ['streams', 'proxy', 'process', 'lost_runs', 'database', 'redis', 'approvals', 'model'],
  },
  proxy_buffering: {
    title: 'The answer comes all at once, at its end',
    also: ['proxy buffering', 'no streaming', 'events arrive all at once', 'stream is buffered'],
    checks: ['proxy', 'commits'],
  },
  events_missing: {
    title: 'Events are missing from a stream or a log',
    also: ['missing events', 'gap in events', 'lost events', '410 gone'],
    checks: ['logs', 'retention', 'redis', 'proxy'],
  },
  duplicate_events: {
    title: 'A client shows events twice',
    also: ['duplicated events', 'repeated text', 'events twice'],
    checks: ['logs', 'streams', 'proxy', 'lost_runs'],
  },
  database_slow: {
    title: 'The database is slow or away',
    also: ['slow database', 'mongodb slow', 'database unavailable', 'database down'],
    checks: ['database', 'write', 'commits', 'disk'],
  },
  disk_full: {
    title: 'A disk is full',
    also: ['no space left on device', 'enospc', 'full disk'],
    checks: ['disk', 'write', 'retention'],
  },
  model_unreachable: {
    title: 'Runs fail because no model answers',
    also: ['model unavailable', 'model error', 'openai unreachable', 'llm errors', 'provider down'],
    checks: ['model', 'model_calls'],
  },
  circuit_open: {
    title: 'A model is not asked any more',
    also: ['circuit breaker open', 'model skipped'],
    checks: ['model', 'model_calls'],
  },
  queue_stuck: {
    title: 'Runs stay pending',
    also: ['stuck queue', 'runs do not start', 'pending runs', 'jobs waiting'],
    checks: ['queue', 'lost_runs', 'approvals', 'redis', 'database', 'process'],
  },
  approvals_waiting: {
    title: 'Runs wait for approval',
    also: ['waiting for approval', 'run does not continue', 'waiting runs'],
    checks: ['approvals', 'queue'],
  },
  redis_down: {
    title: 'Redis is away',
    also: ['redis unavailable', 'redis connection lost', 'late events between processes'],
    checks: ['redis', 'queue', 'lost_runs'],
  },
  tools_failing: {
    title: 'Tool calls fail',
    also: ['mcp server down', 'tool errors', 'tools unavailable'],
    checks: ['mcp', 'process'],
  },
  traces_missing: {
    title: 'Traces do not arrive',
    also: ['missing traces', 'missing spans', 'no traces', 'otlp errors'],
    checks: ['traces'],
  },
} as const satisfies Record<string, Symptom>;

/** The name of a symptom. */
export type SymptomName = keyof typeof SYMPTOMS;

/** All of them. */
export const SYMPTOM_NAMES = Object.keys(SYMPTOMS) as SymptomName[];

/** Shorter ones are a part of too much. */
const WORD_MIN_CHARS = 3;

const words = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** The symptoms that somebody means: by name, or by a part of its words. Empty: nobody knows it. */
export function symptomsMeant(asked: string): SymptomName[] {
  const meant = words(asked);
  if (meant === '') return [];
  const exact = SYMPTOM_NAMES.find((name) => words(name) === meant);
  if (exact) return [exact];
  if (meant.length < WORD_MIN_CHARS) return [];
  return SYMPTOM_NAMES.filter((name) =>
    [name, SYMPTOMS[name].title, ...SYMPTOMS[name].also].some((phrase) => words(phrase).includes(meant)),
  );
}

/** What to look at for some symptoms; for none in particular, everything. */
export function checksFor(symptoms: readonly SymptomName[]): CheckName[] {
  if (symptoms.length === 0) return Object.keys(CHECKS) as CheckName[];
  return [...new Set(symptoms.flatMap((name): readonly CheckName[] => SYMPTOMS[name].checks))];
}
