import type { ModelMessage } from '../../models/index.js';
import { clipExchange, clipMiddle, shares } from './clipping.js';
import { estimateMessageTokens, estimateTokens } from '../../models/index.js';

type ToolMessage = Extract<ModelMessage, { role: 'tool' }>;

/** The number of tokens of a tool result that show what it was. */
const SHORT_RESULT = 500;
/** … and of one for which not even those fit. */
const SHORTEST_RESULT = 60;
/** An exchange in fewer tokens is useless. */
const SHORTEST_EXCHANGE = 150;

const KEPT = 'it was too long to include; the whole result is kept in /tool-calls';

/** The parts of a transcript. */
interface Parts {
  system: ModelMessage[];
  /** Of what was said before the earlier exchanges; at most one message. */
  summary: ModelMessage[];
  /** Earlier exchanges, oldest first: question, tool calls with results, answer. */
  earlier: ModelMessage[][];
  /** The question of this run, and its tool calls with results. */
  current: ModelMessage[];
  /** `current` before anything was cut. */
  whole: readonly ModelMessage[];
}

/** The limits of a transcript, in estimated tokens. */
export interface FitLimits {
  /** The whole of it. */
  tokens: number;
  /** Tool results of the current run. */
  results: number;
}

/**
 * The transcript within its limits, as far as possible: instructions and question stay whole, except the documents that
 * are attached to it. What an answer needs
 * least is cut first: tool calls of earlier exchanges, the exchanges except the last, older results of this run, those
 * of the last model turn, the summary of what was said before, the middle of the last exchange, then that exchange. Each cut is marked.
 */
export function fitTranscript(messages: readonly ModelMessage[], limits: FitLimits): ModelMessage[] {
  const parts = split(messages);
  limitResults(parts, limits.results);
  const over = (): number => estimateMessageTokens(join(parts)) - limits.tokens;
  for (const shorten of STEPS) {
    if (over() <= 0) break;
    shorten(parts, over);
  }
  return join(parts);
}

function limitResults(parts: Parts, tokens: number): void {
  clipOlder(parts, () => resultTokens(parts) > tokens, SHORT_RESULT);
  const over = resultTokens(parts) - tokens;
  if (over > 0) clipLatest(parts, latestTokens(parts) - over);
}

const STEPS: readonly ((parts: Parts, over: () => number) => void)[] = [
  ({ earlier }, over) => {
    for (let index = 0; index < earlier.length && over() > 0; index++)
      earlier[index] = ends(earlier[index] ?? []);
  },
  ({ earlier }, over) => {
    while (earlier.length > 1 && over() > 0) earlier.shift();
  },
  (parts, over) => {
    clipOlder(parts, () => over() > 0, SHORT_RESULT);
  },
  (parts, over) => {
    clipLatest(parts, Math.max(latestTokens(parts) - over(), SHORT_RESULT));
  },
  clipDocuments,
  (parts) => {
    parts.summary = [];
  },
  ({ earlier }, over) => {
    const [exchange] = earlier;
    if (!exchange) return;
    const room = estimateMessageTokens(exchange) - over();
    if (room >= SHORTEST_EXCHANGE) earlier[0] = clipExchange(exchange, room);
    else earlier.shift();
  },
  (parts, over) => {
    clipOlder(parts, () => over() > 0, SHORTEST_RESULT);
  },
  (parts, over) => {
    clipLatest(parts, latestTokens(parts) - over());
  },
];

function split(messages: readonly ModelMessage[]): Parts {
  const first = messages.findIndex(({ role }) => role !== 'system');
  const system = messages.slice(0, Math.max(0, first));
  const rest = messages.slice(system.length);
  const summary = rest.filter(isSummary);
  const parts: Parts = { system, summary, earlier: [], current: [], whole: [] };
  for (const message of rest) {
    if (isSummary(message)) continue;
    if (message.role === 'user') {
      if (parts.current.length > 0) parts.earlier.push(parts.current);
      parts.current = [];
    }
    parts.current.push(message);
  }
  parts.whole = [...parts.current];
  return parts;
}

const isSummary = (message: ModelMessage): boolean => message.role === 'user' && message.summary === true;

const join = ({ system, summary, earlier, current }: Parts): ModelMessage[] => [
  ...system,
  ...summary,
  ...earlier.flat(),
  ...current,
];

/** An exchange without its tool calls. */
function ends(exchange: readonly ModelMessage[]): ModelMessage[] {
  const [question, answer] = [exchange[0], exchange.at(-1)];
  return question && answer?.role === 'assistant' && !answer.tool_calls ? [question, answer] : [...exchange];
}

/** Positions of the tool results, except those of the last model turn. */
function places({ current }: Parts): { older: number[]; latest: number[] } {
  const lastTurn = current.findLastIndex(({ role }) => role === 'assistant');
  const all = [...current.keys()].filter((index) => current[index]?.role === 'tool');
  return { older: all.filter((index) => index < lastTurn), latest: all.filter((index) => index > lastTurn) };
}

const tokensAt = ({ current }: Parts, indexes: readonly number[]): number =>
  indexes.reduce((sum, index) => sum + estimateTokens(current[index]?.content ?? ''), 0);

const latestTokens = (parts: Parts): number => tokensAt(parts, places(parts).latest);

function resultTokens(parts: Parts): number {
  const { older, latest } = places(parts);
  return tokensAt(parts, [...older, ...latest]);
}

/** The documents before the question: what is cut out of them can still be read. */
function clipDocuments({ current }: Parts, over: () => number): void {
  const [question] = current;
  if (question?.role !== 'user' || question.documents === undefined) return;
  const { documents, content, ...rest } = question;
  const files = content.slice(0, documents);
  const room = Math.max(estimateTokens(files) - over(), SHORTEST_RESULT);
  const clipped = clipMiddle(files, room, 'the model can be given no more of the files');
  current[0] = { ...rest, content: clipped + content.slice(documents), documents: clipped.length };
}

function clipOlder(parts: Parts, tooLong: () => boolean, tokens: number): void {
  for (const index of places(parts).older) {
    if (!tooLong()) return;
    clipAt(parts, index, tokens);
  }
}

function clipLatest(parts: Parts, room: number): void {
  const { latest } = places(parts);
  const needs = latest.map((index) => tokensAt(parts, [index]));
  const given = shares(needs, Math.max(room, 0));
  latest.forEach((index, place) => {
    clipAt(parts, index, Math.max(given[place] ?? 0, SHORTEST_RESULT));
  });
}

function clipAt({ current, whole }: Parts, index: number, tokens: number): void {
  const message = whole[index] as ToolMessage;
  current[index] = { ...message, content: clipMiddle(message.content, tokens, KEPT) };
}
