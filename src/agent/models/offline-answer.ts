import { clip } from '../../common/index.js';
import { bestSentences, readPassages, tellingWords, type FoundPassage } from './extracts.js';

const QUOTE_MAX_CHARS = 360;
const MAX_SOURCES = 4;

const SETUP =
  'Set `OPENAI_API_KEY`, or `OPENAI_BASE_URL` for an OpenAI-compatible server such as Ollama or vLLM, and restart to get a real model.';
const NOTE = `*I am the offline model: I search the documents and quote them, I do not reason. ${SETUP}*`;

/** An answer to what needs no search; `undefined` when it is a real question. */
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

/** What the offline model has in hand when it answers. */
export interface Findings {
  question: string;
  /** Result of the search tool, as the model is told; missing when there is no such tool. */
  search?: string;
  /** Text of the best document. */
  document?: string;
}

/** Extracts with their sources, in Markdown. */
export function answerFrom({ question, search, document }: Findings): string {
  const passages = readPassages(search);
  const [best] = passages;
  if (!best) return nothingFound(question, search);
  const words = tellingWords(question);
  const lines = onePerDocument(passages).map(
    (passage) => `- ${quote(passage, words)} — **${source(passage)}**`,
  );
  const more = document ? bestSentences(document, words, 2) : [];
  const shown = lines.join('\n');
  const fresh = more.filter((sentence) => !shown.includes(clip(sentence, 80).slice(0, 79)));
  const reading =
    fresh.length > 0
      ? `\n\nFrom reading **${best.title}**:\n\n${fresh.map((text) => `> ${clip(text, QUOTE_MAX_CHARS)}`).join('\n>\n')}`
      : '';
  return `Here is what the documents say about “${clip(question.trim(), 120)}”:\n\n${shown}${reading}\n\n${NOTE}`;
}

function nothingFound(question: string, search: string | undefined): string {
  const failed = search?.startsWith('Error:') ? ' (the search itself failed)' : '';
  return `I found nothing about “${clip(question.trim(), 120)}” in the documents${failed}. Add some on the page under “Documents” or with \`POST /api/documents\`, or try other words.\n\n${NOTE}`;
}

function onePerDocument(passages: readonly FoundPassage[]): FoundPassage[] {
  const seen = new Map<string, FoundPassage>();
  for (const passage of passages) if (!seen.has(passage.document_id)) seen.set(passage.document_id, passage);
  return [...seen.values()].slice(0, MAX_SOURCES);
}

function quote({ text }: FoundPassage, words: readonly string[]): string {
  const sentences = bestSentences(text, words, 2);
  const extract = sentences.length > 0 ? sentences.join(' … ') : text;
  return clip(
    extract
      .replace(/\s+/g, ' ')
      .replace(/^[-#*>\s]+/, '')
      .trim(),
    QUOTE_MAX_CHARS,
  );
}

function source({ title, heading }: FoundPassage): string {
  return heading && heading !== title ? `${title}, ${heading}` : title;
}
