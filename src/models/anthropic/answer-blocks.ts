import { isJsonObject } from '../../common/index.js';
import { ARGUMENTS_MAX_CHARS, ModelError, type ModelDelta, type ModelToolCall } from '../chat-model.js';
import { toFields, toId, toIndex, toJson, toText, type Fields } from '../server/lenient.js';
import type { TurnBlock } from './turn-layout.js';

/** A model that calls more tools than this in one turn has gone wrong. */
const MAX_CALLS = 128;

type Block =
  | { type: 'text'; text: string }
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'redacted_thinking'; data: string }
  | { type: 'tool_use'; id: string; name: string; input: unknown; json: string }
  | { type: 'other' };

/** What kind of block a delta belongs to, if the server did not open one. */
const KIND_OF_DELTA: Readonly<Record<string, string>> = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  signature_delta: 'thinking',
  input_json_delta: 'tool_use',
};

/**
 * The content blocks of one answer as they grow. Arguments are kept as the text that was sent: parsed and written again
 * they would lose digits, and a cut-off list would look complete.
 */
export class AnswerBlocks {
  private readonly blocks = new Map<number, Block>();

  /** A block begins, or is there as a whole. */
  *start(at: unknown, content: unknown): Generator<ModelDelta> {
    const fields = toFields(content);
    const index = toIndex(at) ?? this.blocks.size;
    const block = this.open(index, fields);
    yield* grown(block, toText(fields['text']) + toText(fields['thinking']));
  }

  /** A block grows. */
  *grow(at: unknown, change: unknown): Generator<ModelDelta> {
    const delta = toFields(change);
    const kind = toText(delta['type']);
    const index = toIndex(at) ?? Math.max(0, this.blocks.size - 1);
    const block = this.blocks.get(index) ?? this.open(index, { type: KIND_OF_DELTA[kind] });
    yield* grown(block, add(block, kind, delta));
  }

  /** The calls in the order of arrival; `id` as the server gave it. */
  get calls(): ModelToolCall[] {
    return this.all('tool_use').map(({ id, name, input, json }) => ({
      id,
      name,
      arguments: json.trim() === '' ? (isJsonObject(input) ? toJson(input) || '{}' : '{}') : json,
    }));
  }

  /** The blocks in their order, as they are sent back. */
  get layout(): TurnBlock[] {
    return [...this.blocks.values()].flatMap((block): TurnBlock[] => {
      if (block.type === 'other') return [];
      return [block.type === 'tool_use' ? { type: 'tool_use' } : block];
    });
  }

  private all<T extends Block['type']>(type: T): Extract<Block, { type: T }>[] {
    return [...this.blocks.values()].filter(
      (block): block is Extract<Block, { type: T }> => block.type === type,
    );
  }

  private open(index: number, fields: Fields): Block {
    const block = toBlock(fields);
    if (block.type === 'tool_use' && this.all('tool_use').length >= MAX_CALLS) throw tooMany();
    this.blocks.set(index, block);
    return block;
  }
}

function toBlock(fields: Fields): Block {
  switch (fields['type']) {
    case 'text':
      return { type: 'text', text: toText(fields['text']) };
    case 'thinking': {
      const [thinking, signature] = [toText(fields['thinking']), toText(fields['signature'])];
      return { type: 'thinking', thinking, signature };
    }
    case 'redacted_thinking':
      return { type: 'redacted_thinking', data: toText(fields['data']) };
    case 'tool_use': {
      const [id, name] = [toId(fields['id']), toText(fields['name'])];
      return { type: 'tool_use', id, name, input: fields['input'], json: '' };
    }
    default:
      return { type: 'other' };
  }
}

/** @returns the text that was added to what is shown. */
function add(block: Block, kind: string, delta: Fields): string {
  if (block.type === 'text' && kind === 'text_delta') {
    const text = toText(delta['text']);
    block.text += text;
    return text;
  }
  if (block.type === 'thinking' && kind === 'thinking_delta') {
    const text = toText(delta['thinking']);
    block.thinking += text;
    return text;
  }
  if (block.type === 'thinking' && kind === 'signature_delta') block.signature += toText(delta['signature']);
  if (block.type === 'tool_use' && kind === 'input_json_delta') {
    const room = Math.max(0, ARGUMENTS_MAX_CHARS + 1 - block.json.length);
    block.json += toText(delta['partial_json']).slice(0, room);
  }
  return '';
}

function* grown(block: Block, text: string): Generator<ModelDelta> {
  if (block.type === 'tool_use') yield { type: 'tool_progress', name: block.name, chars: block.json.length };
  if (text === '') return;
  if (block.type === 'text') yield { type: 'text', text };
  if (block.type === 'thinking') yield { type: 'reasoning', text };
}

function tooMany(): ModelError {
  const message = `The model called more than ${MAX_CALLS} tools at once.`;
  return new ModelError('model_stream_broken', message, { retryable: true });
}
