import { Injectable } from '@nestjs/common';
import { clipWithMark, type TenantId } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import type { Turn } from './agent-run.js';
import type { ModelMessage } from './chat-model.js';
import { clipExchange } from './clipping.js';
import { ToolJournal, type ToolCallRecord } from './journal.js';
import { fromStoredText } from './provider-data.js';
import { estimateMessageTokens } from './tokens.js';
import { resultOf, turnMessages, type FinishedCall } from './transcript.js';

/** Characters of an earlier run's tool result; the answer based on it is included in full. */
const RESULT_MAX_CHARS = 2000;

/** How much of the conversation to pass to a model. */
export interface HistoryLimits {
  /** Questions and answers; tool messages do not count. */
  messages: number;
  /** Estimated; see `tokens.ts`. */
  tokens: number;
}

/** The earlier conversation as passed to a model. */
@Injectable()
export class History {
  constructor(
    private readonly journal: ToolJournal,
    private readonly settings: Settings,
  ) {}

  /** @param turns oldest first. */
  async messages(tenant: TenantId, turns: readonly Turn[]): Promise<ModelMessage[]> {
    const limits = { messages: this.settings.HISTORY_MAX_MESSAGES, tokens: this.settings.HISTORY_MAX_TOKENS };
    const recent = turns.slice(-limits.messages);
    const ids = recent.map((turn) => turn.message_id);
    const calls = await this.journal.listMany(tenant, ids, RESULT_MAX_CHARS);
    return windowHistory(
      recent,
      groupBy(calls, (call) => call.message_id),
      limits,
    );
  }
}

/** A clipped exchange below this number of tokens is useless, unless it is the newest. */
const SHORTEST_EXCHANGE = 200;

/**
 * The latest turns that fit. A question stays with its tool calls, their results and its answer; a turn that fits only
 * without its tool calls loses them all. The first that does not fit even then is clipped to the remaining space, and
 * those before it are dropped: the most recent one is never forgotten entirely.
 */
export function windowHistory(
  turns: readonly Turn[],
  calls: ReadonlyMap<string, readonly ToolCallRecord[]>,
  limits: HistoryLimits,
): ModelMessage[] {
  const kept: ModelMessage[][] = [];
  let { messages, tokens } = limits;
  for (const turn of [...turns].reverse()) {
    const plain = conversation(turn, []);
    if (plain.length > messages) break;
    const options = [conversation(turn, calls.get(turn.message_id) ?? []), plain];
    const fitting = options.find((option) => estimateMessageTokens(option) <= tokens);
    if (!fitting) {
      if (kept.length === 0 || tokens >= SHORTEST_EXCHANGE) kept.unshift(clipExchange(plain, tokens));
      break;
    }
    kept.unshift(fitting);
    messages -= plain.length;
    tokens -= estimateMessageTokens(fitting);
  }
  return kept.flat();
}

/**
 * A question without an answer appears alone, without its tool calls: Reprise does not put words into anybody's mouth.
 */
function conversation(turn: Turn, calls: readonly ToolCallRecord[]): ModelMessage[] {
  const question: ModelMessage = { role: 'user', content: turn.question };
  if (turn.answer === undefined) return [question];
  const ended = calls.filter((call) => call.status !== 'running');
  const steps = [...groupBy(ended, (call) => call.step).values()];
  const tools = steps.flatMap((step) =>
    turnMessages({ text: '', calls: step.map(shorten), provider: fromStoredText(step[0]?.turn_provider) }),
  );
  return [question, ...tools, { role: 'assistant', content: turn.answer }];
}

function shorten(record: ToolCallRecord): FinishedCall {
  const { call_id: id, name, arguments: text } = record;
  const provider = fromStoredText(record.provider);
  const call = { id, name, arguments: text, ...(provider && { provider }) };
  const result = resultOf(record);
  return { call, result: { ...result, text: clipWithMark(result.text, RESULT_MAX_CHARS) } };
}

/** Node 20 does not have `Map.groupBy`. */
function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
