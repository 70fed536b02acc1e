import { Injectable } from '@nestjs/common';
import { clipWithMark, type TenantId } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { QuestionFiles } from '../attachments/question-files.js';
import type { Asked, QuestionMessage, Showing } from '../attachments/shown-files.js';
import type { EarlierExchange } from '../loop/agent-run.js';
import type { ModelMessage } from '../../models/index.js';
import { clipExchange } from './clipping.js';
import { ToolJournal, type JournaledCall } from '../calls/tool-journal.js';
import { fromStoredText } from '../../models/index.js';
import { estimateMessageTokens } from '../../models/index.js';
import { resultOf, turnMessages, type FinishedCall } from '../loop/transcript.js';

/** Characters of an earlier run's tool result; the answer based on it is included in full. */
const RESULT_MAX_CHARS = 2000;

/** A conversation up to a question, and how much of it to pass to a model. */
export interface Opening {
  asked: Asked;
  /** Before it, oldest first. */
  exchanges: readonly EarlierExchange[];
  /** Default: the present ones. */
  limits?: HistoryLimits | undefined;
  /** How files are shown; missing: only the words count. */
  files?: Showing | undefined;
}

/** How much of the conversation to pass to a model. */
export interface HistoryLimits {
  /** Questions and answers; tool messages do not count. */
  messages: number;
  /** Estimated; see `tokens.ts`. */
  tokens: number;
}

/** What of the earlier conversation is passed to a model. */
export interface HistoryWindow {
  messages: ModelMessage[];
  /** How many of the newest exchanges these are; those before them do not fit. */
  kept: number;
  /** What is left of the limits. */
  room: HistoryLimits;
}

/** An exchange whose question may have files. */
export interface ShownExchange extends EarlierExchange {
  shown?: QuestionMessage | undefined;
}

/** The earlier conversation as passed to a model. */
@Injectable()
export class History {
  constructor(
    private readonly journal: ToolJournal,
    private readonly settings: Settings,
    private readonly files: QuestionFiles,
  ) {}

  /** How much of a conversation is passed to a model now. */
  get limits(): HistoryLimits {
    return { messages: this.settings.HISTORY_MAX_MESSAGES, tokens: this.settings.HISTORY_MAX_TOKENS };
  }

  /** How files are shown now. */
  showing(canRead: boolean): Showing {
    return { limits: this.files.limits, canRead };
  }

  /** What of the earlier conversation is passed to a model, and the question. Files of both have their own limits. */
  async opening(
    tenant: TenantId,
    { asked, exchanges, limits = this.limits, files }: Opening,
  ): Promise<HistoryWindow & { question: QuestionMessage }> {
    const recent = exchanges.slice(-limits.messages);
    const hasFiles = [asked, ...recent].some(({ attachments = [] }) => attachments.length > 0);
    if (!files || !hasFiles)
      return { ...(await this.window(tenant, recent, limits)), question: toQuestion(asked) };
    const questions = recent.map(({ question: content, attachments }) => ({ content, attachments }));
    const shown = await this.files.show(tenant, [...questions, asked], files);
    const question = shown.pop() ?? toQuestion(asked);
    const withFiles = recent.map((exchange, index) => ({ ...exchange, shown: shown[index] }));
    return { ...(await this.window(tenant, withFiles, limits)), question };
  }

  /** The earlier conversation alone. @param exchanges oldest first. @param limits default: the present ones. */
  async window(
    tenant: TenantId,
    exchanges: readonly ShownExchange[],
    limits = this.limits,
  ): Promise<HistoryWindow> {
    const recent = exchanges.slice(-limits.messages);
    const ids = recent.filter((one) => !one.without_tools).map((one) => one.message_id);
    const calls = await this.journal.listMany(tenant, ids, RESULT_MAX_CHARS);
    // What another agent did for an answer is in the result of the call that started it.
    const own = calls.filter((call) => call.parent_call_id === undefined);
    return windowHistory(
      recent,
      groupBy(own, (call) => call.message_id),
      limits,
    );
  }
}

/** A clipped exchange below this number of tokens is useless, unless it is the newest. */
const SHORTEST_EXCHANGE = 200;

/**
 * The latest exchanges that fit. A question stays with its tool calls, their results and its answer; an exchange that
 * fits only without its tool calls loses them all. The first that does not fit even then is clipped to the remaining
 * space, and those before it are dropped: the most recent one is never forgotten entirely.
 */
export function windowHistory(
  exchanges: readonly ShownExchange[],
  calls: ReadonlyMap<string, readonly JournaledCall[]>,
  limits: HistoryLimits,
): HistoryWindow {
  const kept: ModelMessage[][] = [];
  let { messages, tokens } = limits;
  for (const exchange of [...exchanges].reverse()) {
    const plain = conversation(exchange, []);
    if (plain.length > messages) break;
    const options = [conversation(exchange, calls.get(exchange.message_id) ?? []), plain];
    const fitting = options.find((option) => estimateMessageTokens(option) <= tokens);
    if (!fitting) {
      if (kept.length === 0 || tokens >= SHORTEST_EXCHANGE) kept.unshift(clipExchange(plain, tokens));
      tokens = 0;
      break;
    }
    kept.unshift(withFiles(fitting, exchange));
    messages -= plain.length;
    tokens -= estimateMessageTokens(fitting);
  }
  return { messages: kept.flat(), kept: kept.length, room: { messages, tokens } };
}

/**
 * A question without an answer appears alone, without its tool calls: Reprise does not put words into anybody's mouth.
 */
function conversation(exchange: EarlierExchange, calls: readonly JournaledCall[]): ModelMessage[] {
  const question = toQuestion({ content: exchange.question });
  if (exchange.answer === undefined) return [question];
  const ended = calls.filter((call) => call.status !== 'running');
  const steps = [...groupBy(ended, (call) => call.step).values()];
  const tools = steps.flatMap((step) =>
    turnMessages({ text: '', calls: step.map(shorten), provider: fromStoredText(step[0]?.turn_provider) }),
  );
  return [question, ...tools, { role: 'assistant', content: exchange.answer }];
}

/** An exchange that fits by its words, with the files of its question. */
function withFiles([question, ...rest]: ModelMessage[], { shown }: ShownExchange): ModelMessage[] {
  return [...(shown ? [shown] : question ? [question] : []), ...rest];
}

const toQuestion = ({ content }: Asked): QuestionMessage => ({ role: 'user', content });

function shorten(record: JournaledCall): FinishedCall {
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
