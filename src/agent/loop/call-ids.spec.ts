import fc from 'fast-check';
import { CallIds } from './call-ids.js';

describe('call ids', () => {
  it("keeps the provider's id", () => {
    expect(new CallIds([]).claim({ id: 'call_x', name: 'echo', arguments: '{}' }).id).toBe('call_x');
  });

  it('are unique and not empty whatever the provider sends', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('', 'a', 'a_2', 'call', 'call_1', '\ud800')), (ids) => {
        const claims = new CallIds(['a']);
        const given = ids.map((id) => claims.claim({ id, name: 'echo', arguments: '{}' }).id);
        expect(new Set([...given, 'a']).size).toBe(ids.length + 1);
        expect(given.every((id) => id !== '' && id.isWellFormed())).toBe(true);
      }),
    );
  });

  it('are short ones of nine letters and digits if the provider gives none that are usable', () => {
    const claims = new CallIds(['taken']);
    const ids = ['', 'taken', 'x'.repeat(65), 'nul\0'].map(
      (id) => claims.claim({ id, name: 'echo', arguments: '{}' }).id,
    );
    expect(ids).toEqual(ids.map(() => expect.stringMatching(/^[a-z0-9]{9}$/)));
  });

  it('come with a name that can be sent back to any provider', () => {
    const name = (text: string) => new CallIds([]).claim({ id: '1', name: text, arguments: '' }).name;
    expect(name('fs.read file')).toBe('fs_read_file');
    expect(name('')).toBe('unnamed');
  });
});
