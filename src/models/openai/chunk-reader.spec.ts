import fc from 'fast-check';
import { ModelError, type ModelDelta } from '../chat-model.js';
import { ChunkReader } from './chunk-reader.js';

const NAMES =
  'choices delta message content tool_calls function name arguments index id finish_reason usage error code type text thinking reasoning reasoning_details extra_content refusal __proto__ constructor toString';
const leaf = fc.oneof(
  fc.constantFrom('stop', 'A', '', 'echo', '{', '}', '{}', '<think>', '</think>', 'error', '\ud800'),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);
const { any: json } = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'medium' },
    leaf,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES.split(' ')), tie('any'), { maxKeys: 4 }),
    fc.record({
      choices: fc.tuple(fc.record({ delta: tie('any'), finish_reason: leaf })),
      usage: tie('any'),
    }),
  ),
}));

/** Texts that a person, a tool or a provider gets from a delta. */
function textsOf(delta: ModelDelta): unknown[] {
  if (delta.type === 'text' || delta.type === 'reasoning') return [delta.text];
  if (delta.type === 'tool_progress') return [delta.name];
  return delta.type === 'tool_call' ? [delta.call.id, delta.call.name, delta.call.arguments] : [];
}

describe('the chunk reader', () => {
  it('yields texts and sane numbers, or a ModelError, whatever JSON arrives', () => {
    fc.assert(
      fc.property(fc.array(json, { maxLength: 8 }), (values) => {
        const reader = new ChunkReader('m@host', []);
        const deltas: ModelDelta[] = [];
        try {
          for (const data of values) deltas.push(...reader.read({ event: '', data }));
          deltas.push(...reader.read('done'), ...(reader.end() ?? []));
        } catch (error) {
          expect(error).toBeInstanceOf(ModelError);
        }
        expect(deltas.flatMap(textsOf).filter((text) => typeof text !== 'string')).toEqual([]);
        expect(deltas.flatMap(textsOf).join('')).not.toContain('[object ');
        const used = deltas.flatMap((delta) => (delta.type === 'usage' ? Object.values(delta.usage) : []));
        expect(used.filter((count) => !Number.isFinite(count) || count < 0)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('survives what is nested too deeply to be written again', () => {
    const reader = new ChunkReader('m@host', []);
    const deep: unknown = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
    const call = { id: 'a', extra_content: deep, function: { name: 'echo', arguments: deep } };
    const delta = { content: deep, reasoning: deep, reasoning_details: [deep], tool_calls: [call] };
    expect([
      ...reader.read({ event: '', data: { choices: [{ delta, error: null }], usage: deep } }),
    ]).toHaveLength(1);
    expect([...reader.read('done')]).toEqual([]);
    expect(reader.end()).toMatchObject([{ type: 'tool_call', call: { name: 'echo' } }, { type: 'finish' }]);
  });
});
