import type { EventFields } from '@reprise/protocol';
import { head, type Pause } from '../../common/index.js';
import {
  ChatModel,
  type ModelDelta,
  type ModelMessage,
  type ModelRequest,
  type ModelToolCall,
} from '../chat-model.js';
import { hasImages } from '../server/images.js';
import { leftOut } from '../server/unsupported.js';
import { estimateMessageTokens, estimateTokens } from '../tokens.js';
import type { CallResult } from '../chat-model.js';
import { readPassages } from './extracts.js';
import { answerFrom, smallTalk } from './offline-answer.js';
import { offlineTitle } from './offline-title.js';

/** Pause between two words, ms: slow enough to see it stream, fast enough not to annoy anybody. */
const WORD_MS = 5;
const QUERY_MAX_CHARS = 300;

type PlanStatus = EventFields<'plan'>['items'][number]['status'];

/** One turn of the offline model: it either calls tools or answers. */
interface Move {
  thought?: string;
  calls?: { name: string; args: unknown }[];
  answer?: string;
}

/**
 * Answers without any provider: plans, searches, reads and quotes. Deterministic; everything it does follows from
 * the request alone, so it resumes and retries like any other model.
 */
export class OfflineModel extends ChatModel {
  override readonly name = 'offline';

  constructor(private readonly pause: Pause) {
    super();
  }

  override async *stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelDelta> {
    const situation = new Situation(request);
    if (request.purpose !== 'title' && hasImages(request)) yield leftOut('images');
    const move = request.purpose === 'title' ? { answer: offlineTitle(request) } : nextMove(situation);
    for (const word of words(move.thought ?? '')) {
      await this.pause.wait(WORD_MS, signal);
      yield { type: 'reasoning', text: word };
    }
    for (const word of words(situation.notYetSaid(move.answer ?? ''))) {
      await this.pause.wait(WORD_MS, signal);
      yield { type: 'text', text: word };
    }
    const calls = situation.number(move.calls ?? []);
    for (const call of calls) yield { type: 'tool_call', call };
    yield { type: 'usage', usage: estimateUsage(request, move) };
    yield { type: 'finish', reason: calls.length > 0 ? 'tool_calls' : 'stop' };
  }

  override check(): Promise<{ ok: boolean; detail: string }> {
    return Promise.resolve({
      ok: true,
      detail: 'offline model: extracts only; set OPENAI_API_KEY, OPENAI_BASE_URL or MODEL_CHAIN',
    });
  }
}

/** The state of the conversation, derived from the request. */
class Situation {
  readonly question: string;
  private readonly offered: ReadonlySet<string>;
  private readonly calls: ModelToolCall[];
  private readonly results: ReadonlyMap<string, CallResult>;
  private readonly said: string;

  constructor({ messages, tools }: ModelRequest) {
    const asked = messages.findLastIndex((message) => message.role === 'user' && message.continues !== true);
    const since = messages.slice(asked + 1);
    this.question = wordsOf(messages[asked]);
    this.offered = new Set(tools.map((tool) => tool.name));
    this.calls = since.flatMap((message) => (message.role === 'assistant' ? (message.tool_calls ?? []) : []));
    this.results = new Map(
      since.flatMap((message) =>
        message.role === 'tool' ? [[message.tool_call_id, resultIn(message)]] : [],
      ),
    );
    this.said = textToContinue(since);
  }

  /** How often a tool was called since the question; counts as once if it is not offered. */
  times(tool: string): number {
    return this.offered.has(tool) ? this.calls.filter((call) => call.name === tool).length : Infinity;
  }

  /** The result of a tool's first call. */
  result(tool: string): CallResult | undefined {
    const call = this.calls.find((candidate) => candidate.name === tool);
    return call && this.results.get(call.id);
  }

  /** The rest of a text that was cut off in the middle. */
  notYetSaid(text: string): string {
    return text.startsWith(this.said) ? text.slice(this.said.length) : text;
  }

  /** Assigns ids to calls and leaves out tools that are not offered. */
  number(calls: NonNullable<Move['calls']>): ModelToolCall[] {
    const offered = calls.filter((call) => this.offered.has(call.name));
    return offered.map(({ name, args }, index) => ({
      id: `offline_${this.calls.length + index + 1}`,
      name,
      arguments: JSON.stringify(args),
    }));
  }
}

/** What was asked, without the files before it. */
function wordsOf(asked: ModelMessage | undefined): string {
  if (asked?.role !== 'user') return '';
  return asked.content.slice(asked.documents ?? 0);
}

function nextMove(now: Situation): Move {
  const chat = smallTalk(now.question);
  if (chat) return { answer: chat };
  if (now.times('update_plan') === 0) {
    return {
      thought: 'First a plan: search, read the best source, answer.',
      calls: [plan('in_progress', 'pending', 'pending')],
    };
  }
  if (now.times('search_tender_corpus') === 0) return search(now.question);
  const search_result = now.result('search_tender_corpus');
  const [best] = readPassages(search_result?.text);
  if (best && now.times('get_file_content') === 0) return read(best);
  if (now.times('update_plan') === (best ? 2 : 1))
    return { calls: [plan('completed', best && 'completed', 'completed')] };
  return { answer: answerFrom({ question: now.question, ...found(now) }) };
}

function search(question: string): Move {
  const query = head(question.trim(), QUERY_MAX_CHARS);
  return {
    thought: 'I look for the words of the question in the documents.',
    calls: [{ name: 'search_tender_corpus', args: { query } }],
  };
}

function read({ document_id, title }: { document_id: string; title: string }): Move {
  return {
    thought: `“${title}” fits best; I read it.`,
    calls: [
      plan('completed', 'in_progress', 'pending'),
      { name: 'get_file_content', args: { document: document_id } },
    ],
  };
}

function found(now: Situation): { search?: CallResult; document?: string } {
  const search = now.result('search_tender_corpus');
  const document = now.result('get_file_content');
  const text = document?.error_code === undefined ? document?.text : undefined;
  return {
    ...(search !== undefined && { search }),
    // The first lines describe the document; its text follows a blank line.
    ...(text !== undefined && { document: text.slice(text.indexOf('\n\n') + 2) }),
  };
}

function resultIn({ content: text, error_code }: ModelMessage & { role: 'tool' }): CallResult {
  return error_code === undefined ? { text } : { text, error_code };
}

/** @param reading missing if there is no source to read */
function plan(
  searching: PlanStatus,
  reading: PlanStatus | undefined,
  answering: PlanStatus,
): { name: string; args: unknown } {
  const items = [
    { id: 'todo-1', text: 'Search the documents', status: searching },
    ...(reading ? [{ id: 'todo-2', text: 'Read the best source', status: reading }] : []),
    { id: 'todo-3', text: 'Answer with extracts and sources', status: answering },
  ];
  return { name: 'update_plan', args: { items } };
}

function textToContinue(since: readonly ModelMessage[]): string {
  const [partial, instruction] = since.slice(-2);
  const continues = partial?.role === 'assistant' && instruction?.role === 'user' && instruction.continues;
  return continues ? partial.content : '';
}

/** Words with the white space before them; together they are the text. */
function words(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

function estimateUsage({ messages }: ModelRequest, move: Move) {
  const prompt_tokens = estimateMessageTokens(messages);
  const completion_tokens = estimateTokens(
    (move.thought ?? '') + (move.answer ?? '') + JSON.stringify(move.calls ?? []),
  );
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}
