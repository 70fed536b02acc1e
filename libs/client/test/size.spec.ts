import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { bundle } from '../../../test/support/bundle.js';

const LIMIT_BYTES = 6 * 1024;

describe('the bundle', () => {
  it('is small and needs nothing else', async () => {
    const { code, imports, exports } = await bundle(
      fileURLToPath(new URL('../src/index.ts', import.meta.url)),
    );
    expect(gzipSync(code).length).toBeLessThan(LIMIT_BYTES);
    expect(imports).toEqual([]);
    expect(exports).toEqual(['RepriseClient', 'RepriseError', 'hasEnded', 'initialState', 'reduce', 'seqOf']);
  });
});
