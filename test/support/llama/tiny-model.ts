import { randomFrom } from '../cutting-proxy.js';
import { CHAT_TEMPLATE, SPECIAL } from './chat-template.js';
import { encodeGguf, type GgufValue, type Tensor } from './gguf.js';
import { SITUATIONS, situationBehind, tendency, type Habits } from './habits.js';

/** One: reading a prompt takes the time, and chance needs no depth. */
const LAYERS = 1;
const WIDTH = 64;
const FEED_FORWARD = 128;
const HEADS = 4;
/** More than any test gives it; the server is told how much of it to use. */
const TRAINED_CONTEXT = 131_072;

/** How loud chance is. */
const NOISE = { embedding: 0.5, layer: 0.1, head: 0.2 };
/** An embedding's mark of its token's situation, and about what is left of it behind the last norm. */
const MARK = 16;
const MARK_AT_HEAD = 7.5;

const TOKEN_TYPE = { normal: 1, control: 3, userDefined: 4 };
const VOCABULARY = [...byteTokens(), ...Object.values(SPECIAL)];
const idOf = (token: string): number => VOCABULARY.indexOf(token);

/**
 * A language model of half a megabyte that nobody has trained: llama architecture, bytes as tokens, random weights. In
 * each embedding the first dimensions are kept free of noise: one for each situation, by which the head knows its
 * habits. So it writes words of lower-case letters, ends its turns, and starts tool calls, which the server's grammar
 * then makes valid.
 * @returns a GGUF file.
 */
export function tinyModel(habits: Habits = {}): Buffer {
  const matrix = matrices(gaussian(randomFrom(habits.seed ?? 1)));
  const layer = (number: number): Tensor[] => {
    const named = (name: string): string => `blk.${number}.${name}`;
    return [
      ones(named('attn_norm')),
      ...['attn_q', 'attn_k', 'attn_v'].map((name) => matrix(named(name), WIDTH, WIDTH, NOISE.layer)),
      keepingMarks(matrix(named('attn_output'), WIDTH, WIDTH, NOISE.layer)),
      ones(named('ffn_norm')),
      ...['ffn_gate', 'ffn_up'].map((name) => matrix(named(name), WIDTH, FEED_FORWARD, NOISE.layer)),
      keepingMarks(matrix(named('ffn_down'), FEED_FORWARD, WIDTH, NOISE.layer)),
    ];
  };
  return encodeGguf(head(), [
    marked(matrix('token_embd', WIDTH, VOCABULARY.length, NOISE.embedding)),
    ...Array.from({ length: LAYERS }, (_, number) => layer(number)).flat(),
    ones('output_norm'),
    habitual(matrix('output', WIDTH, VOCABULARY.length, NOISE.head), habits),
  ]);
}

function head(): Record<string, GgufValue> {
  return {
    'general.architecture': 'llama',
    'general.name': 'tiny',
    'llama.block_count': LAYERS,
    'llama.context_length': TRAINED_CONTEXT,
    'llama.embedding_length': WIDTH,
    'llama.feed_forward_length': FEED_FORWARD,
    'llama.attention.head_count': HEADS,
    'llama.attention.layer_norm_rms_epsilon': { float: 1e-5 },
    'llama.rope.dimension_count': WIDTH / HEADS,
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'gpt-2',
    'tokenizer.ggml.tokens': VOCABULARY,
    'tokenizer.ggml.token_type': VOCABULARY.map(typeOf),
    'tokenizer.ggml.merges': ['a b'], // the file must have a list; what this one makes is no token
    'tokenizer.ggml.bos_token_id': idOf(SPECIAL.end),
    'tokenizer.ggml.eos_token_id': idOf(SPECIAL.endOfTurn),
    'tokenizer.ggml.add_bos_token': false,
    'tokenizer.chat_template': CHAT_TEMPLATE,
  };
}

/** Thoughts and calls are marked by tokens that are text to the server; those of the chat itself are not. */
function typeOf(token: string): number {
  const isOfChat = [SPECIAL.end, SPECIAL.turn, SPECIAL.endOfTurn].some((special) => special === token);
  if (isOfChat) return TOKEN_TYPE.control;
  return token.length > 1 ? TOKEN_TYPE.userDefined : TOKEN_TYPE.normal;
}

/** Embeddings that tell the situation behind their token. */
function marked(embedding: Tensor): Tensor {
  VOCABULARY.forEach((token, id) => {
    const situation = situationBehind(token);
    embedding.values.set(
      SITUATIONS.map((other) => (other === situation ? MARK : 0)),
      id * WIDTH,
    );
  });
  return embedding;
}

/** The last matrix of a block: it adds nothing to the marks. */
function keepingMarks(matrix: Tensor): Tensor {
  matrix.values.fill(0, 0, SITUATIONS.length * matrix.columns);
  return matrix;
}

/** A head that reads the mark. */
function habitual(output: Tensor, habits: Habits): Tensor {
  VOCABULARY.forEach((token, id) => {
    output.values.set(
      SITUATIONS.map((situation) => tendency(token, situation, habits) / MARK_AT_HEAD),
      id * WIDTH,
    );
  });
  return output;
}

function ones(name: string): Tensor {
  return { name: `${name}.weight`, columns: WIDTH, values: new Float32Array(WIDTH).fill(1) };
}

function matrices(random: () => number) {
  return (name: string, columns: number, rows: number, scale: number): Tensor => ({
    name: `${name}.weight`,
    columns,
    values: Float32Array.from({ length: columns * rows }, () => random() * scale),
  });
}

/** Every byte as the character that byte-level BPE writes for it (GPT-2's table). */
function byteTokens(): string[] {
  const isVisible = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad && byte <= 0xff);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isVisible(byte) ? byte : next++));
}

/** Normally distributed numbers (Box–Muller). */
function gaussian(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
