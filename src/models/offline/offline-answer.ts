import { clip } from '../../common/index.js';
import type { CallResult } from '../chat-model.js';
import {
  bestSentences,
  hasWord,
  numbersOf,
  readPassages,
  tellingWords,
  type FoundPassage,
} from './extracts.js';
import { proseSentences } from './sentences.js';

const QUOTE_MAX_CHARS = 360;
const MAX_SOURCES = 4;

const SETUP =
  'Set `OPENAI_API_KEY`, or `OPENAI_BASE_URL` for an OpenAI-compatible server such as Ollama or vLLM, and restart to get a real model.';
const NOTE = `*I am the offline model: I search the documents and quote them, I do not reason. ${SETUP}*`;

/** The answer to a message that needs no search; `undefined` for a real question. */
export function smallTalk(question: string): string | undefined {
  const text = question
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (text === '') return `Please ask a question about the documents.\n\n${NOTE}`;
  if (
    /^(hi|hello|hey|hej|hallo|hola|god ?dag|good (morning|afternoon|evening))( there| assistant)?$/.test(text)
  ) {
    return `Hello! Ask me something about the documents of this deployment.\n\n${NOTE}`;
  }
  if (/^(thanks|thank you|tak|danke|merci|gracias)( very much| a lot)?$/.test(text))
    return 'You are welcome!';
  if (/^(who|what) are you$|^hvem er du$|^wer bist du$|^what can you do$|^help$/.test(text)) {
    return `I am Reprise's built-in offline model. I look for your words in the documents and answer with extracts and their sources, through the same tools and the same stream a real model uses. ${SETUP}`;
  }
  return undefined;
}

/** What the offline model has available when it answers. */
export interface Findings {
  question: string;
  /** The result of the search tool; missing if there is no such tool. */
  search?: CallResult;
  /** Text of the best document. */
  document?: string;
}

/** Extracts with their sources, in Markdown. */
export function answerFrom({ question, search, document }: Findings): string {
  const passages = readPassages(search?.text);
  const words = tellingWords(question);
  const { fitting, missing } = withNumbers(passages, numbersOf(words));
  const [best] = passages;
  if (!best) return nothingFound(question, search);
  const lines = onePerDocument(fitting, words).map(
    (passage) => `- ${quote(passage, words)} — **${source(passage)}**`,
  );
  const shown = lines.join('\n');
  const more = document && fitting.includes(best) ? bestSentences(document, words, 2) : [];
  const fresh = fitted(more.filter((sentence) => !shown.includes(plainText(sentence))));
  const reading =
    fresh.length > 0
      ? `\n\nFrom reading **${best.title}**:\n\n${fresh.map((text) => `> ${text}`).join('\n>\n')}`
      : '';
  const lack =
    missing.length > 0
      ? `\n\nNone of what I found has ${missing.map((one) => `“${one}”`).join(' or ')} in it.`
      : '';
  return `Here is what the documents say about “${clip(question.trim(), 120)}”:\n\n${shown}${reading}${lack}\n\n${NOTE}`;
}

/**
 * A question about clause 12 is not about clause 9: passages without the numbers in the question count only if none
 * has them.
 */
function withNumbers(
  passages: readonly FoundPassage[],
  numbers: readonly string[],
): { fitting: readonly FoundPassage[]; missing: string[] } {
  const has = ({ title, heading = '', text }: FoundPassage, number: string): boolean =>
    hasWord(`${title}\n${heading}\n${text}`, number);
  const known = numbers.filter((number) => passages.some((passage) => has(passage, number)));
  const fitting = passages.filter((passage) => known.every((number) => has(passage, number)));
  return {
    fitting: fitting.length > 0 ? fitting : passages,
    missing: numbers.filter((number) => !known.includes(number)),
  };
}

function nothingFound(question: string, search: CallResult | undefined): string {
  const failed = search?.error_code !== undefined ? ' (the search itself failed)' : '';
  return `I found nothing about “${clip(question.trim(), 120)}” in the documents${failed}. Add some on the page under “Documents” or with \`POST /api/documents\`, or try other words.\n\n${NOTE}`;
}

/** The first passage of each document that has something to quote; if there are none, the first of each. */
function onePerDocument(passages: readonly FoundPassage[], words: readonly string[]): FoundPassage[] {
  const quotable = passages.filter(({ text }) => bestSentences(text, words, 1).length > 0);
  const seen = new Map<string, FoundPassage>();
  for (const passage of quotable.length > 0 ? quotable : passages)
    if (!seen.has(passage.document_id)) seen.set(passage.document_id, passage);
  return [...seen.values()].slice(0, MAX_SOURCES);
}

/** Complete sentences; of a text without any (a list of words, a table) its beginning. */
function quote({ text }: FoundPassage, words: readonly string[]): string {
  const sentences = fitted(bestSentences(text, words, 2));
  if (sentences.length > 0) return sentences.map(plainText).join(' … ');
  const [first] = proseSentences(text);
  return clip(plainText(first ?? text.replace(/^[-#*>|\s]+/, '')), QUOTE_MAX_CHARS);
}

/** As many of the sentences as can be quoted together; a first one that is too long is cut at a word. */
function fitted(sentences: readonly string[]): string[] {
  const [first] = sentences;
  if (first !== undefined && first.length > QUOTE_MAX_CHARS) {
    const short = sentences.find(({ length }) => length <= QUOTE_MAX_CHARS);
    return [short ?? clip(first, QUOTE_MAX_CHARS)];
  }
  let chars = 0;
  return sentences.filter((sentence) => (chars += sentence.length) <= QUOTE_MAX_CHARS);
}

const plainText = (text: string): string => text.replace(/\s+/g, ' ').trim();

function source({ title, heading }: FoundPassage): string {
  return heading && heading !== title ? `${title}, ${heading}` : title;
}
