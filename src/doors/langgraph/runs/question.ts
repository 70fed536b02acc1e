import { isCleanText, isJsonObject, type AppError } from '../../../common/index.js';
import { validationFailed } from '../../../platform/http/index.js';

const HUMAN = new Set(['human', 'user', 'HumanMessage', 'HumanMessageChunk']);
const OTHERS = new Set([
  'ai',
  'assistant',
  'system',
  'developer',
  'tool',
  'function',
  'remove',
  'AIMessageChunk',
]);

/**
 * The question in the input of a run: the human messages at its end, in the order they have there. What was said before
 * is known; messages of tools among them are left out.
 * @param maxChars of a question.
 * @throws AppError 400 `validation_failed` that names the field.
 */
export function questionIn(input: Readonly<Record<string, unknown>>, maxChars: number): string {
  const { messages } = input;
  const list: unknown[] = Array.isArray(messages) ? messages : [messages];
  if (messages === undefined || messages === null || list.length === 0)
    throw wrong('input.messages', 'must have at least one message');
  const texts: string[] = [];
  for (const [index, message] of list.entries()) {
    const field = `input.messages.${index}`;
    const kind = typeof message === 'string' ? 'human' : kindOf(message);
    if (kind === undefined)
      throw wrong(field, `must be a text, or an object with a type: human, ai, system or tool`);
    if (HUMAN.has(kind)) texts.push(textOf(message, field));
    else if (kind !== 'tool') texts.length = 0;
  }
  const text = texts.join('\n\n');
  if (text.trim() === '') throw wrong('input.messages', 'must end with a human message that is not blank');
  if (Array.from(text).length > maxChars)
    throw wrong('input.messages', `must have at most ${maxChars} characters`);
  return text;
}

function kindOf(message: unknown): string | undefined {
  if (!isJsonObject(message)) return undefined;
  const kind = message['type'] ?? message['role'];
  return typeof kind === 'string' && (HUMAN.has(kind) || OTHERS.has(kind)) ? kind : undefined;
}

function textOf(message: unknown, field: string): string {
  const content = isJsonObject(message) ? message['content'] : message;
  const blocks: unknown[] = Array.isArray(content) ? content : [content];
  return blocks
    .map((block, index) => {
      const where = isJsonObject(message)
        ? `${field}.content${Array.isArray(content) ? `.${index}` : ''}`
        : field;
      const text = isJsonObject(block) && block['type'] === 'text' ? block['text'] : block;
      if (isJsonObject(text))
        throw wrong(
          where,
          'must be text: upload files as docs/attachments.md says, and send the message there',
        );
      if (typeof text !== 'string' || !isCleanText(text))
        throw wrong(where, 'must be a text without NUL characters or lone surrogates');
      return text;
    })
    .join('');
}

/** A 400 that names one field. */
export function wrong(field: string, message: string): AppError {
  return validationFailed([{ field, message }]);
}
