import { getEventListeners } from 'node:events';
import { within } from '../../../test/support/until.js';
import { BackOff, LONGEST_WAIT_MS, pause } from '../src/back-off.js';

const waits = (backOff: BackOff, count: number): number[] =>
  Array.from({ length: count }, () => backOff.next());

describe('back-off', () => {
  it('never waits longer than the doubled bound, nor than the longest wait', () => {
    const bounds = waits(new BackOff(1000), 60).map((ms, failures) => ({
      ms,
      bound: Math.min(LONGEST_WAIT_MS, 1000 * 2 ** failures),
    }));
    expect(bounds.filter(({ ms, bound }) => ms < 0 || ms > bound)).toEqual([]);
  });

  it('spreads its waits over the whole bound', () => {
    const late = waits(new BackOff(LONGEST_WAIT_MS), 400).map((ms) => ms / LONGEST_WAIT_MS);
    expect(Math.min(...late)).toBeLessThan(0.1);
    expect(Math.max(...late)).toBeGreaterThan(0.9);
  });

  it('starts over after a reset', () => {
    const backOff = new BackOff(10);
    waits(backOff, 20);
    backOff.reset();
    expect(backOff.next()).toBeLessThanOrEqual(10);
  });

  it('adds its jitter to what the server asks for', () => {
    const ms = new BackOff(10).next(5000);
    expect(ms).toBeGreaterThanOrEqual(5000);
    expect(ms).toBeLessThanOrEqual(5010);
  });

  it('slows down even if the server asks for no wait at all', () => {
    expect(Math.max(...waits(new BackOff(0), 30))).toBeGreaterThan(1000);
  });

  it('respects its own limit', () => {
    expect(Math.max(...waits(new BackOff(1000, 40), 60))).toBeLessThanOrEqual(40);
  });
});

describe('a pause', () => {
  let browser: EventTarget;
  beforeEach(() => {
    browser = new EventTarget();
    Object.assign(globalThis, {
      addEventListener: browser.addEventListener.bind(browser),
      removeEventListener: browser.removeEventListener.bind(browser),
    });
  });
  afterEach(() => {
    Object.assign(globalThis, { addEventListener: undefined, removeEventListener: undefined });
  });

  it('after a lost connection ends when the browser comes back online', async () => {
    const pausing = pause(3_600_000, true);
    browser.dispatchEvent(new Event('online'));
    await within('the pause ends', pausing);
    expect(getEventListeners(browser, 'online')).toEqual([]);
  });

  it('requested by the server does not', async () => {
    const controller = new AbortController();
    const pausing = pause(3_600_000, false, controller.signal);
    expect(getEventListeners(browser, 'online')).toEqual([]);
    controller.abort();
    await within('the pause ends', pausing);
  });
});
