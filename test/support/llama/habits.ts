import { SPECIAL } from './chat-template.js';

/** What the model tends to, as logits; a letter has 2, {@link NEVER} is never. */
export interface Habits {
  /** The same seed gives the same file. */
  seed?: number;
  /** It ends its turn: 0, the default, is some 200 characters of text, −2 is over a thousand. */
  end?: number;
  /** It begins a tool call: 0 is as likely as an end; −2 unless given. */
  call?: number;
  /** It ends a thought: 0, the default, is some 200 characters. */
  endOfThought?: number;
}

export const NEVER = -30;

/** What was written last decides what can come next: that is all that this model knows. */
export type Situation = (typeof SITUATIONS)[number];
export const SITUATIONS = ['start', 'text', 'thought', 'calling', 'quoted', 'called'] as const;

/** Text is letters, thoughts are capitals, strings of a call are figures: so each kind continues once it has started. */
const KIND = { text: /^[a-z]$/, thought: /^[A-Z-]$/, quoted: /^[0-9]$/ };
const LIKELY = 2;
const GRAMMAR = -14;
const SPACE = 'Ġ';
const NEWLINE = 'Ċ';

/** The situation behind this token. */
export function situationBehind(token: string): Situation {
  if (token === NEWLINE || token === SPECIAL.endOfThought) return 'start';
  if (token === SPECIAL.think || KIND.thought.test(token)) return 'thought';
  if (token === SPECIAL.call) return 'calling';
  if (token === '"' || KIND.quoted.test(token)) return 'quoted';
  return token === SPECIAL.endOfCall ? 'called' : 'text';
}

/** The logit that habit alone gives a token. In a call the server's grammar decides what of it is allowed. */
export function tendency(token: string, situation: Situation, habits: Habits): number {
  switch (situation) {
    case 'start':
      return token === SPECIAL.endOfTurn ? NEVER : inText(token, habits);
    case 'text':
      return inText(token, habits);
    case 'thought':
      if (token === SPECIAL.endOfThought) return habits.endOfThought ?? 0;
      return KIND.thought.test(token) ? LIKELY : NEVER;
    case 'calling':
      return token === NEWLINE ? LIKELY : NEVER; // with it the server's grammar begins
    case 'quoted':
      if (token === '"') return LIKELY;
      return KIND.quoted.test(token) ? LIKELY : inGrammar(token);
    case 'called':
      return token === SPECIAL.endOfTurn ? LIKELY : inGrammar(token);
  }
}

function inText(token: string, { end = 0, call = -2 }: Habits): number {
  if (token === SPECIAL.endOfTurn) return end;
  if (token === SPECIAL.call) return call;
  if (token === SPACE) return LIKELY + 1;
  return KIND.text.test(token) ? LIKELY : inGrammar(token);
}

/** What no habit but a grammar makes the model write: the signs of JSON, and the end of a call. */
function inGrammar(token: string): number {
  if (token === SPECIAL.endOfCall) return GRAMMAR + 3; // rather than one more call
  return /^[!-~ĠĊ]$/.test(token) ? GRAMMAR : NEVER;
}
