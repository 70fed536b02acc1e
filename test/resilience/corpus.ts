import type { Client } from '../support/client.js';

const SUBJECTS = [
  ['mooring', 'bollard', 'hawser', 'fender'],
  ['turbine', 'nacelle', 'rotor', 'gearbox'],
  ['orchard', 'grafting', 'rootstock', 'blossom'],
  ['archive', 'parchment', 'catalogue', 'vault'],
] as const;

/**
 * Questions that the documents answer at length, and always with the same words: no two passages match equally well.
 */
export const QUESTIONS: readonly string[] = SUBJECTS.map((terms) => `What about ${terms.join(', ')}?`);

/** Fills the corpus, so that an answer takes several tools and some hundred events. */
export async function loadCorpus(client: Client): Promise<void> {
  for (const terms of SUBJECTS) {
    for (let count = 1; count <= terms.length; count++) {
      const document = { title: `Manual ${terms[0]}-${count}`, content: textOf(terms.slice(0, count)) };
      const { status } = await client.post('/api/documents', document);
      if (status !== 201) throw new Error(`HTTP ${status}: a document was not taken.`);
    }
  }
}

function textOf(terms: readonly string[]): string {
  const things = terms.join(' and each ');
  return [
    `Each ${things} is inspected every ${terms.length + 2} weeks, and the result is on paper before the day is over.`,
    `Any wear of each ${things} beyond ${terms.length * 3} percent is measured again by a second person at once.`,
    `A list of each ${things} hangs at the gate, with the day on which somebody last looked at them in earnest.`,
  ].join(' ');
}
