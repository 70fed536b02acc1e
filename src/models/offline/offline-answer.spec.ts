import type { CallResult } from '../chat-model.js';
import { answerFrom } from './offline-answer.js';
import { tellingWords } from './extracts.js';

const found = (...texts: [title: string, text: string][]): CallResult => ({
  text: JSON.stringify({
    passages: texts.map(([title, text], index) => ({ document_id: String(index), title, text })),
  }),
});

/** What is quoted: the lines with a source. */
const quotes = (answer: string): string[] => answer.split('\n').filter((line) => /^- .* — \*\*/.test(line));

const GUIDE = `# Running it

Start the server and ask what happens when its client
disconnects. The run goes on.

\`\`\`bash
npm run demo -- "What happens to a run when its client disconnects?"
\`\`\`

| Run | Client |
| --- | --- |
| a run | disconnects |

- A client that comes back resumes its run, e.g. after a restart, by id
  and misses nothing.
- npm run start for the client`;

describe('an offline answer', () => {
  const answer = answerFrom({
    question: 'What happens to a run when its client disconnects?',
    search: found(['Guide', GUIDE]),
  });

  it('quotes whole sentences, even across line ends', () => {
    expect(quotes(answer)).toEqual([
      '- Start the server and ask what happens when its client disconnects. … A client that comes back resumes its run, e.g. after a restart, by id and misses nothing. — **Guide**',
    ]);
  });

  it('quotes no command line, no code and no table row', () => {
    expect(answer).not.toMatch(/npm run|\|/);
  });

  it('does not stop in the middle of a sentence', () => {
    const long = `The client ${'waits and '.repeat(60)}ends. The client resumes its run.`;
    const cut = 'of the client is half a sentence. A client is here. And this run of a client has no';
    for (const text of [long, cut]) {
      const [quoted = ''] = quotes(answerFrom({ question: 'client run', search: found(['T', text]) }));
      expect(quoted).toMatch(/^- (The client resumes its run|A client is here)\. — \*\*T\*\*$/);
    }
  });

  it('counts numbers: asked about clause 12 it cites neither clause 9 nor clause 1', () => {
    const search = found(
      ['A', 'Clause 9 is about clauses and penalties.'],
      ['B', 'Clause 1 says what a clause means, since 2012.'],
      ['C', 'Clause 12 is about the notice of termination.'],
      ['D', 'Clause 3.12 is about another clause.'],
    );
    expect(quotes(answerFrom({ question: 'What does clause 12 say?', search }))).toEqual([
      '- Clause 12 is about the notice of termination. — **C**',
    ]);
    expect(answerFrom({ question: 'What does clause 77 say?', search })).toContain(
      'None of what I found has “77” in it.',
    );
  });

  it('quotes the beginning of a text without sentences', () => {
    expect(quotes(answerFrom({ question: 'prices', search: found(['P', 'prices of 2026']) }))).toEqual([
      '- prices of 2026 — **P**',
    ]);
  });

  it('distinguishes a search that failed from one that found nothing, whatever its words', () => {
    const failed = 'the search itself failed';
    const answerTo = (search: CallResult) => answerFrom({ question: 'prices', search });
    expect(answerTo({ text: 'Fehler!', error_code: 'timed_out' })).toContain(failed);
    expect(answerTo({ text: 'Error: no passages' })).not.toContain(failed);
  });

  it('searches for significant words', () => {
    expect(tellingWords('What does clause 12 say about the § 5 notice?')).toEqual([
      'clause',
      '12',
      'say',
      '5',
      'notice',
    ]);
    expect(tellingWords('what are the')).toEqual(['what', 'are', 'the']);
  });
});
