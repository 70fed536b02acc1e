import { head, tail } from '../../common/index.js';
import type { ModelMessage } from '../../models/index.js';
import { estimateMessageTokens, estimateTokens } from '../../models/index.js';

/** In a long text the beginning matters more than the end, but a question is often at the end. */
const HEAD_SHARE = 2 / 3;
/** Tokens of the longest mark for a cut. */
const MARK_TOKENS = 40;

/**
 * Cuts the middle out of a text so that about `tokens` remain, and marks the place.
 * @param why follows the number of characters in the mark.
 */
export function clipMiddle(text: string, tokens: number, why: string): string {
  const whole = estimateTokens(text);
  if (whole <= tokens) return text;
  let keep = Math.floor((text.length * Math.max(0, tokens - MARK_TOKENS)) / whole);
  for (;;) {
    const clipped = cutTo(text, keep, why);
    // The uncut parts may contain characters that count more.
    if (keep === 0 || estimateTokens(clipped) <= tokens) return clipped;
    keep = Math.floor(keep * 0.9);
  }
}

function cutTo(text: string, keep: number, why: string): string {
  const first = head(text, Math.ceil(keep * HEAD_SHARE));
  const last = tail(text, Math.floor(keep * (1 - HEAD_SHARE)));
  const cut = text.length - first.length - last.length;
  return `${first}\n[… ${cut} of ${text.length} characters were left out here: ${why} …]\n${last}`;
}

/** What a model reads where an earlier exchange was cut. */
const TOO_LONG = 'the conversation is longer than the model can be given';

/** A question and its answer, if it has one, in about `tokens`; short ones stay whole. */
export function clipExchange(messages: readonly ModelMessage[], tokens: number): ModelMessage[] {
  const needs = messages.map(({ content }) => estimateTokens(content));
  const overhead = estimateMessageTokens(messages) - needs.reduce((sum, need) => sum + need, 0);
  const given = shares(needs, Math.max(0, tokens - overhead));
  return messages.map((message, place) => {
    const content = clipMiddle(message.content, given[place] ?? 0, TOO_LONG);
    if (message.role !== 'user' || content === message.content) return { ...message, content };
    const { documents: _documents, ...rest } = message;
    return { ...rest, content };
  });
}

/** Divides `room`: those that need less than an equal share get what they need, the others split the rest equally. */
export function shares(needs: readonly number[], room: number): number[] {
  const given = needs.map(() => 0);
  let left = room;
  const ascending = [...needs.keys()].sort((a, b) => (needs[a] ?? 0) - (needs[b] ?? 0));
  ascending.forEach((index, done) => {
    given[index] = Math.min(needs[index] ?? 0, Math.floor(left / (needs.length - done)));
    left -= given[index];
  });
  return given;
}

/** The longest beginning of a text that has at most so many tokens. */
export function headOfTokens(text: string, tokens: number): string {
  if (estimateTokens(text) <= tokens) return text;
  let [fits, tooLong] = [0, text.length];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (estimateTokens(text.slice(0, middle)) <= tokens) fits = middle;
    else tooLong = middle;
  }
  return head(text, fits);
}
