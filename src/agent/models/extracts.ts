import { z } from 'zod';

/** A passage as `search_tender_corpus` tells the model. */
export type FoundPassage = z.infer<typeof passageSchema>;

const passageSchema = z.object({
  document_id: z.string(),
  title: z.string(),
  heading: z.string().optional(),
  text: z.string(),
});
const searchResultSchema = z.object({ passages: z.array(passageSchema) });

/** The passages in a search result; none when the search failed. */
export function readPassages(toolResult: string | undefined): FoundPassage[] {
  try {
    const result = searchResultSchema.safeParse(JSON.parse(toolResult ?? ''));
    return result.success ? result.data.passages : [];
  } catch {
    return [];
  }
}

/** Words of a question that tell something: three letters or more, lower case. */
export function tellingWords(text: string): string[] {
  return [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? [])];
}

/** The sentences, not headings, of a text that hold most of the words, in their order, clipped. Empty when none holds any. */
export function bestSentences(text: string, words: readonly string[], count: number): string[] {
  const sentences = text
    .split(/(?<=[.!?])\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '' && !sentence.startsWith('#'));
  const scored = sentences.map((sentence, index) => ({
    sentence,
    index,
    score: countWords(sentence, words),
  }));
  const best = scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score || a.index - b.index);
  return best
    .slice(0, count)
    .sort((a, b) => a.index - b.index)
    .map(({ sentence }) => sentence);
}

function countWords(sentence: string, words: readonly string[]): number {
  const lower = sentence.toLowerCase();
  return words.filter((word) => lower.includes(word)).length;
}
