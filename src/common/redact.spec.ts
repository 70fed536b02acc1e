import { redactSecrets } from './redact.js';

describe('what looks like a credential', () => {
  it.each([
    ['Incorrect API key provided: sk-proj-abc***wxyz.', 'abc'],
    ['Authorization: Bearer abc.def-ghi', 'def'],
    ['at https://user:hunter2@host/v1', 'hunter2'],
    ['GET /v1?key=AIzaSyA1234567890abcdefghij&x=1', 'AIza'],
    ['{"api_key": "abcdef12345"}', 'abcdef'],
    ["password='hunter22'", 'hunter'],
    ['token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc', 'eyJ'],
    ['the key my/own+key==1 is wrong', 'own'],
    ['the key my%2Fown%2Bkey%3D%3D1 is wrong', 'own'],
  ])('is removed from %s', (text, secret) => {
    const clean = redactSecrets(text, ['my/own+key==1']);
    expect(clean).toContain('[redacted]');
    expect(clean).not.toContain(secret);
  });

  it.each([
    "This model's maximum context length is 8192 tokens.",
    'Unknown parameter: stream_options',
    'token: 42',
    'request req_011CQ failed at 2026-11-27T07:00:00Z',
  ])('is not found in %s', (text) => {
    expect(redactSecrets(text)).toBe(text);
  });
});
