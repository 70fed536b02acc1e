import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { bundle } from '../../../test/support/bundle.js';

/** Entry point, the maximum compressed size in bytes, and what it exports. */
const ENTRIES: [string, number, string[]][] = [
  ['index.ts', 6 * 1024, ['RepriseClient', 'RepriseError', 'hasEnded', 'initialState', 'reduce', 'seqOf']],
  ['tabs/index.ts', 4 * 1024, ['sharedStreams']],
];

describe('the bundle', () => {
  it.each(ENTRIES)('of %s is small and has no dependencies', async (entry, limit, names) => {
    const file = fileURLToPath(new URL(`../src/${entry}`, import.meta.url));
    const { code, imports, exports } = await bundle(file);
    expect(gzipSync(code).length).toBeLessThan(limit);
    expect(imports).toEqual([]);
    expect(exports).toEqual(names);
  });
});
