import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { curlCommand, shellQuote } from '../../src/debug/model/curl.js';

/** The words a real shell makes of a command line. */
function wordsOf(command: string): string[] {
  const script = `for word in ${command}; do printf '%s\\0' "$word"; done`;
  return execFileSync('sh', ['-c', script]).toString('utf8').split('\0').slice(0, -1);
}

describe('the curl command', () => {
  it('resumes after an event', () => {
    expect(curlCommand('http://localhost:8000/api/x/stream', '1_0000_0a0b0c0d')).toBe(
      "curl -N -H 'Last-Event-ID: 1_0000_0a0b0c0d' 'http://localhost:8000/api/x/stream'",
    );
  });

  it('starts at the beginning without one', () => {
    expect(curlCommand('http://h/s', null)).toBe("curl -N 'http://h/s'");
  });

  it('has no other meaning to a shell, whatever it contains', () => {
    const text = fc.string({ unit: fc.constantFrom(...`ab'"\\$\`!;&|*?~#(){}<> \n%é`), maxLength: 12 });
    fc.assert(
      fc.property(text, text, (url, id) => {
        expect(wordsOf(curlCommand(url, id))).toEqual(['curl', '-N', '-H', `Last-Event-ID: ${id}`, url]);
      }),
      { numRuns: 60 },
    );
    expect(shellQuote("it's")).toBe(String.raw`'it'\''s'`);
  });
});
