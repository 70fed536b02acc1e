import { heal } from '../src/chat/markdown/heal.js';

describe('a half-written piece', () => {
  it.each([
    ['Some **bold', 'Some **bold**'],
    ['Some **bold*', 'Some **bold**'],
    ['Some **', 'Some '],
    ['Some *', 'Some '],
    ['All **bold**', 'All **bold**'],
    ['An *emphasis*', 'An *emphasis*'],
    ['Code `a', 'Code `a`'],
    ['Code `', 'Code '],
    ['Code `a` and **b', 'Code `a` and **b**'],
    ['Code `**`', 'Code `**`'],
    ['A [link', 'A link'],
    ['A [link]', 'A link'],
    ['A [link](https://ex', 'A link'],
    ['A [link](https://example.com)', 'A [link](https://example.com)'],
    ['![pic](https://ex', 'pic'],
    ['Text\n#', 'Text\n'],
    ['Text\n--', 'Text\n'],
    ['Text\n-', 'Text\n'],
    ['# Title', '# Title'],
    ['| a | b |', ''],
    ['| a | b |\n| -', ''],
    ['| a | b |\n| --- |', ''],
    ['Intro:\n| a | b', 'Intro:'],
    ['| a | b |\n| --- | --- |', '| a | b |\n| --- | --- |'],
    ['| a | b |\n| --- | --- |\n| 1', '| a | b |\n| --- | --- |\n| 1'],
    ['```ts\nconst a = `x', '```ts\nconst a = `x'],
    ['a * b', 'a * b'],
    ['Done.', 'Done.'],
    ['', ''],
  ])('%j is shown as %j', (written, shown) => {
    expect(heal(written)).toBe(shown);
  });
});
