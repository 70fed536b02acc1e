import { ANY_USER } from '../../common/index.js';
import { personOf } from './current-person.decorator.js';

describe('the person that a door acts for', () => {
  it.each([
    ['who is logged in', { user: 'alice', subject: 'alice' }, undefined, 'alice'],
    ['who is logged in and named', { user: 'alice', subject: 'alice' }, 'alice', 'alice'],
    ['nobody in particular', { user: ANY_USER }, undefined, 'default'],
    ['who is named, without authentication', { user: ANY_USER }, 'bob', 'bob'],
    ['an admin', { user: ANY_USER, subject: 'root' }, undefined, 'root'],
    ['whom an admin names', { user: ANY_USER, subject: 'root' }, 'bob', 'bob'],
  ] as const)('is %s', (_, caller, named, person) => {
    expect(personOf(caller, named)).toBe(person);
  });

  it('is nobody else', () => {
    expect(() => personOf({ user: 'alice', subject: 'alice' }, 'bob')).toThrow(
      expect.objectContaining({ code: 'user_not_found' }),
    );
  });

  it.each(['', 'a/b', 'x'.repeat(201), ['alice', 'bob'], '\0'])('is never %j', (named) => {
    expect(() => personOf({ user: ANY_USER }, named)).toThrow(
      expect.objectContaining({ code: 'invalid_user_id' }),
    );
  });
});
