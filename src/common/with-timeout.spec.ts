import { LATE, withTimeout } from './with-timeout.js';

describe('withTimeout', () => {
  const never = new Promise<never>(() => undefined);

  it('returns what arrives in time, and throws what is thrown in time', async () => {
    expect(await withTimeout(Promise.resolve(1), 60_000)).toBe(1);
    await expect(withTimeout(Promise.reject(new Error('broken')), 60_000)).rejects.toThrow('broken');
  });

  it('returns LATE if the time is up first', async () => {
    expect(await withTimeout(never, 1)).toBe(LATE);
  });
});
