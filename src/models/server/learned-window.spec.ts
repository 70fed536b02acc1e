import { LearnedWindow } from './learned-window.js';

function setup(setting?: number) {
  let now = 0;
  const window = new LearnedWindow(setting, { now: () => now });
  return { window, pass: (ms: number) => (now += ms) };
}

describe('the context window', () => {
  it('is unknown until somebody names it', () => {
    const { window } = setup();
    expect(window.current).toEqual({ factor: 1 });
    window.recordListed(8192);
    expect(window.current).toEqual({ factor: 1, tokens: 8192 });
    window.recordListed(undefined);
    expect(window.current.tokens).toBe(8192);
  });

  it('is the setting rather than what is listed, but never more than what was rejected', () => {
    const { window } = setup(10_000);
    window.recordListed(8192);
    expect(window.current.tokens).toBe(10_000);
    window.recordRejection({ window: 4096 }, 5000);
    expect(window.current.tokens).toBe(4096);
  });

  it("corrects our estimate by the server's count", () => {
    const { window } = setup();
    window.recordRejection({ window: 4096, prompt: 9000 }, 6000);
    expect(window.current).toEqual({ factor: 1.5, tokens: 4096 });
  });

  it('was exceeded, so our estimate was too low if it was below', () => {
    const { window } = setup();
    window.recordRejection({ window: 4096 }, 2048);
    expect(window.current.factor).toBe(2);
  });

  it('is guessed if no number is named, and forgotten after a while', () => {
    const { window, pass } = setup();
    window.recordRejection({}, 6000);
    expect(window.current).toEqual({ factor: 1, tokens: 3000, isGuess: true });
    pass(31 * 60_000);
    expect(window.current).toEqual({ factor: 1 });
  });
});
