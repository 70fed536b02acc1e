import { loadSettings } from '../../platform/config/index.js';
import { EndpointMemory } from './endpoint-memory.js';

const MINUTE = 60_000;

function setup(env: Record<string, string> = {}) {
  let now = 0;
  const memory = new EndpointMemory(loadSettings(env), { now: () => now });
  return { memory, pass: (ms: number) => (now += ms) };
}

describe('what an endpoint does not accept', () => {
  it('is retried after a while, and less often each time it is rejected', () => {
    const { memory, pass } = setup();
    memory.remember(['tools']);
    expect([...memory.leftOut]).toEqual(['tools']);
    pass(16 * MINUTE);
    expect([...memory.leftOut]).toEqual([]);
    memory.remember(['tools']);
    pass(16 * MINUTE);
    expect([...memory.leftOut]).toEqual(['tools']);
    pass(16 * MINUTE);
    expect([...memory.leftOut]).toEqual([]);
  });

  it('is retried at least once a day', () => {
    const { memory, pass } = setup();
    for (let times = 0; times < 20; times++) memory.remember(['tools']);
    pass(24 * 60 * MINUTE);
    expect([...memory.leftOut]).toEqual([]);
  });

  it.each([
    ['off', ['tools'], true],
    ['on', [], true],
    ['auto', ['tools'], false],
  ])('MODEL_TOOLS=%s leaves out %j', (MODEL_TOOLS, parts, decided) => {
    const { memory } = setup({ MODEL_TOOLS });
    memory.remember(['tools']);
    expect([...memory.leftOut]).toEqual(parts);
    expect(memory.decided('tools')).toBe(decided);
  });
});
