import { z } from 'zod';
import { parseJson } from '../../common/index.js';
import { proseSentences } from './sentences.js';

/** A passage as `search_tender_corpus` returns it to the model. */
export type FoundPassage = z.infer<typeof passageSchema>;

const passageSchema = z.object({
  document_id: z.string(),
  title: z.string(),
  heading: z.string().optional(),
  text: z.string(),
});
const searchResultSchema = z.object({ passages: z.array(passageSchema) });

/** The passages in a search result; none if the search failed. */
export function readPassages(toolResult: string | undefined): FoundPassage[] {
  const result = searchResultSchema.safeParse(parseJson(toolResult ?? ''));
  return result.success ? result.data.passages : [];
}

/** Words that say nothing about what a question is about. */
const EMPTY = new Set(
  'the and for are was were what which who whom when where why how does did has have had with from that this these those about into can could will would shall should must may not but our your its their there here hvad hvem hvor hvornår hvorfor hvordan der det den som til fra med ved kan skal vil har var ikke eller også was wer wie wann warum der die das den dem ein eine und oder mit von für ist sind wird werden kann muss nicht'.split(
    ' ',
  ),
);

/** The significant words of a question: names and words of three letters or more, and every number. Lower case. */
export function tellingWords(text: string): string[] {
  const all = [...new Set(text.toLowerCase().match(/\p{N}+|[\p{L}\p{N}]{3,}/gu) ?? [])];
  const telling = all.filter((word) => !EMPTY.has(word));
  return telling.length > 0 ? telling : all;
}

const NUMBER = /^\p{N}+$/u;
/** A number is rarely there by accident. */
const NUMBER_WEIGHT = 3;
/** Shorter words are part of too many others. */
const COMPOUND_CHARS = 5;

/** The numbers among the words. */
export function numbersOf(words: readonly string[]): string[] {
  return words.filter((word) => NUMBER.test(word));
}

/**
 * Whether a text contains a word: a number by itself ("12" is not in "2012" or "3.12"), a short word whole, a long one
 * anywhere.
 */
export function hasWord(text: string, word: string): boolean {
  const lower = text.toLowerCase();
  if (NUMBER.test(word)) return new RegExp(`(?<![\\p{N}]|\\p{N}[.,])${word}(?!\\p{N})`, 'u').test(lower);
  if (word.length >= COMPOUND_CHARS) return lower.includes(word);
  return new RegExp(`(?<![\\p{L}\\p{N}])${word}`, 'u').test(lower);
}

/** The complete sentences of a text's prose that contain most of the words, in order. Empty if none contains any. */
export function bestSentences(text: string, words: readonly string[], count: number): string[] {
  const scored = proseSentences(text).map((sentence, index) => ({
    sentence,
    index,
    score: scoreOf(sentence, words),
  }));
  const best = scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score || a.index - b.index);
  return best
    .slice(0, count)
    .sort((a, b) => a.index - b.index)
    .map(({ sentence }) => sentence);
}

function scoreOf(sentence: string, words: readonly string[]): number {
  return words
    .filter((word) => hasWord(sentence, word))
    .reduce((sum, word) => sum + (NUMBER.test(word) ? NUMBER_WEIGHT : 1), 0);
}
