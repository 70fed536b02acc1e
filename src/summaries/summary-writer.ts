import { Injectable } from '@nestjs/common';
import { clipExchange, summaryTokens, type EarlierExchange } from '../agent/index.js';
import { cleanText, head } from '../common/index.js';
import { ChatModel, estimateMessageTokens, estimateTokens, type ModelMessage } from '../models/index.js';
import { Settings } from '../platform/config/index.js';
import { summaryRequest } from './summary-prompt.js';

/** Estimated tokens of what one request adds to a summary, however much the model could read. */
export const INPUT_TOKENS = 8000;
/** With less room than this a model cannot summarise anything. */
const LEAST_TOKENS = 200;
/** Of the model's window, for the summary that it writes, and what it thinks before. */
const ANSWER_SHARE = 1 / 4;
const TIMEOUT_MS = 120_000;
/** Characters per token at most: beyond them the model is no longer listened to. */
const CHARS_PER_TOKEN = 6;
/** The same for thinking and summary together. */
const READ_CHARS = 100_000;

/** Has summaries written by the deployment's model. */
@Injectable()
export class SummaryWriter {
  constructor(
    private readonly model: ChatModel,
    private readonly settings: Settings,
  ) {}

  /** Whether the model can do it: the offline model only quotes. */
  get isAble(): boolean {
    return this.model.ref !== 'offline';
  }

  /**
   * The first of some exchanges, as many as one request takes; at least one, which is clipped if it is too long.
   * @param most estimated tokens.
   * @throws Error if the model's window is too small.
   */
  async portion(
    previous: string | undefined,
    exchanges: readonly EarlierExchange[],
    most: number,
  ): Promise<EarlierExchange[]> {
    const { tokens, factor } = await this.model.context();
    const frame = estimateMessageTokens(summaryRequest(previous, [], this.tokens));
    const room = tokens === undefined ? Infinity : (tokens * (1 - ANSWER_SHARE)) / factor - frame;
    const limit = Math.min(most, room);
    if (limit < LEAST_TOKENS) throw new Error('the window of the model is too small for summaries');
    const portion: EarlierExchange[] = [];
    let left = limit;
    for (const exchange of exchanges) {
      const need = tokensOf(exchange);
      if (need > left) return portion.length > 0 ? portion : [clipped(exchange, limit)];
      portion.push(exchange);
      left -= need;
    }
    return portion;
  }

  /** @throws ModelError; Error if the model wrote nothing; the signal's reason. */
  async write(
    previous: string | undefined,
    exchanges: readonly EarlierExchange[],
    leaving: AbortSignal,
  ): Promise<{ text: string; model: string }> {
    const messages = summaryRequest(previous, exchanges, this.tokens);
    const text = await this.ask(messages, leaving);
    if (text === '') throw new Error('the model wrote nothing');
    return { text, model: this.model.ref };
  }

  private get tokens(): number {
    return summaryTokens(this.settings.HISTORY_MAX_TOKENS);
  }

  private async ask(messages: ModelMessage[], leaving: AbortSignal): Promise<string> {
    const enough = new AbortController();
    const signal = AbortSignal.any([leaving, enough.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const max = this.tokens * CHARS_PER_TOKEN;
    let text = '';
    let read = 0;
    try {
      // The last in line: whoever waits for an answer goes first.
      const request = { messages, tools: [], arrival: Number.MAX_SAFE_INTEGER, purpose: 'summary' as const };
      for await (const delta of this.model.stream(request, signal)) {
        if (delta.type !== 'text' && delta.type !== 'reasoning') continue;
        if (delta.type === 'text') text += delta.text;
        read += delta.text.length;
        if (text.length > max || read > READ_CHARS) break;
      }
      return head(cleanText(text).trim(), max);
    } finally {
      enough.abort();
    }
  }
}

/** With the line that separates each message from the one before it. */
const LINE_TOKENS = 12;

function tokensOf({ question, answer = '' }: EarlierExchange): number {
  return estimateTokens(question) + estimateTokens(answer) + 2 * LINE_TOKENS;
}

function clipped(exchange: EarlierExchange, tokens: number): EarlierExchange {
  const { question, answer, ...rest } = exchange;
  const [asked, answered] = clipExchange(
    [
      { role: 'user', content: question },
      ...(answer === undefined ? [] : [{ role: 'assistant' as const, content: answer }]),
    ],
    tokens - 2 * LINE_TOKENS,
  );
  return { ...rest, question: asked?.content ?? '', ...(answered && { answer: answered.content }) };
}
