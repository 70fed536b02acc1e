import { ModelError } from '../chat-model.js';
import { ServerCircuit } from './circuit.js';

const { jest } = import.meta as unknown as {
  jest: { useFakeTimers(): void; useRealTimers(): void; advanceTimersByTime(ms: number): void };
};

const failing =
  (code: string, options = {}) =>
  () =>
    Promise.reject(new ModelError(code, 'It failed.', { retryable: true, ...options }));
const down = failing('model_unavailable');
const fine = () => Promise.resolve('fine');

async function times(count: number, circuit: ServerCircuit, attempt: () => Promise<unknown>): Promise<void> {
  for (let index = 0; index < count; index++) await circuit.run(attempt).catch(() => undefined);
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const setup = (): ServerCircuit => new ServerCircuit({ failures: 4, openMs: 1000 });

describe('the circuit of a model', () => {
  it('opens after many failures, lets one request try after a while, and closes when that succeeds', async () => {
    const circuit = setup();
    await times(3, circuit, down);
    expect([circuit.state, circuit.mayAsk]).toEqual(['closed', true]);
    await times(1, circuit, down);
    expect([circuit.state, circuit.mayAsk]).toEqual(['open', false]);
    jest.advanceTimersByTime(1001);
    expect([circuit.state, circuit.mayAsk]).toEqual(['half_open', true]);
    let end: (text: string) => void = () => undefined;
    const trial = circuit.run(() => new Promise<string>((resolve) => (end = resolve)));
    expect(circuit.mayAsk).toBe(false);
    end('fine');
    expect(await trial).toBe('fine');
    expect([circuit.state, circuit.mayAsk]).toEqual(['closed', true]);
  });

  it('opens again when the trial fails', async () => {
    const circuit = setup();
    await times(4, circuit, down);
    jest.advanceTimersByTime(1001);
    await times(1, circuit, down);
    expect(circuit.state).toBe('open');
    jest.advanceTimersByTime(999);
    expect(circuit.state).toBe('open');
    jest.advanceTimersByTime(2);
    expect(circuit.state).toBe('half_open');
  });

  it('stays open when the trial was cancelled', async () => {
    const circuit = setup();
    await times(4, circuit, down);
    jest.advanceTimersByTime(1001);
    await times(1, circuit, () => Promise.reject(new Error('cancelled')));
    expect(circuit.state).toBe('open');
  });

  it('closes when a request that had no other model succeeds', async () => {
    const circuit = setup();
    await times(4, circuit, down);
    expect(await circuit.run(fine)).toBe('fine');
    expect(circuit.state).toBe('closed');
  });

  it.each([
    ['timeouts', failing('model_timeout'), 'open'],
    ['limits', failing('model_rate_limited'), 'open'],
    ['broken answers', failing('model_stream_broken'), 'open'],
    ['a wrong key', failing('model_rejected', { retryable: false, provider: { status: 401 } }), 'open'],
    [
      'requests that are wrong',
      failing('model_rejected', { retryable: false, provider: { status: 400 } }),
      'closed',
    ],
    ['requests that are too long', failing('model_rejected', { retryable: false, overflow: {} }), 'closed'],
    ['runs that were cancelled', () => Promise.reject(new Error('cancelled')), 'closed'],
  ])('counts %s as it should', async (_name, attempt, state) => {
    const circuit = setup();
    await times(8, circuit, attempt);
    expect(circuit.state).toBe(state);
  });

  it('stays closed while most requests are answered', async () => {
    const circuit = setup();
    for (let index = 0; index < 10; index++) {
      await times(1, circuit, down);
      await times(2, circuit, fine);
    }
    expect(circuit.state).toBe('closed');
  });
});
